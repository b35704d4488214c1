//! What is answered with at the moment: replaced as a whole, while those who began with the old go on with it.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::FromRef;

use crate::http::{App, Bounds, Shared};

/// The app in force.
#[derive(Clone, Debug)]
pub struct Live(Arc<RwLock<Arc<App>>>);

impl Live {
    /// An app to begin with.
    pub fn new(app: App) -> Self {
        Live(Arc::new(RwLock::new(Arc::new(app))))
    }

    /// The app in force now. Whoever asks again may get another one.
    pub fn app(&self) -> Arc<App> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another app in force, for every request from now on.
    pub(crate) fn replace(&self, app: App) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
    }
}

/// What routes are made over: each request gets the app that is in force when it comes.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) live: Live,
    pub(crate) bounds: Arc<Bounds>,
}

impl FromRef<Door> for Shared {
    fn from_ref(door: &Door) -> Shared {
        Shared { app: door.live.app(), live: door.live.clone(), bounds: door.bounds.clone() }
    }
}

impl Shared {
    /// The same with the app that is in force now: what goes on for long looks at it again and again, so that
    /// nobody is answered by decisions that were taken back.
    pub(crate) fn renewed(&self) -> Shared {
        Shared { app: self.live.app(), ..self.clone() }
    }
}
