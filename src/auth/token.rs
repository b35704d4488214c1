//! Tokens to callers. A token that was verified is remembered until it expires.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, TokenData, Validation, decode, decode_header};
use moka::sync::Cache;
use serde::Deserialize;
use serde_json::Value;
use yimen_policy::Codes;

use crate::auth::Caller;
use crate::auth::keys::{KeySet, algorithm_of};
use crate::clock::Clock;

/// Why a token isn't taken. Callers learn that it is invalid, and no more; the log gets the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No `Authorization: Bearer` header.
    Missing,
    /// The token isn't good.
    Invalid(&'static str),
}

/// What a token must say.
#[derive(Clone, Debug)]
pub struct AuthenticatorOptions {
    /// The issuers that tokens may come from.
    pub issuers: Vec<String>,
    /// The audiences that tokens may be for.
    pub audiences: Vec<String>,
    /// How far clocks may differ, in seconds.
    pub leeway_s: i64,
}

/// Verifies tokens.
#[derive(Debug)]
pub struct Authenticator {
    options: AuthenticatorOptions,
    keys: Arc<KeySet>,
    clock: Arc<dyn Clock>,
    departments: Vec<String>,
    codes: Codes,
    verified: Cache<String, Verified>,
}

#[derive(Clone, Debug)]
struct Verified {
    caller: Arc<Caller>,
    expires_at: i64,
}

/// The most bytes of a token.
const MAX_TOKEN: usize = 8 * 1024;

/// The most bytes of a subject, which records and their indexes repeat.
const MAX_SUBJECT: usize = 256;

/// The most tokens that are remembered.
const MAX_VERIFIED: u64 = 10_000;

/// The claims of a token; every other one is ignored.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    sub: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    jti: Option<String>,
    department: String,
    role: String,
    division: String,
    citizen_id: Option<String>,
}

impl Authenticator {
    /// An authenticator for callers of these departments and roles.
    pub fn new(
        options: AuthenticatorOptions,
        keys: Arc<KeySet>,
        clock: Arc<dyn Clock>,
        departments: Vec<String>,
        codes: Codes,
    ) -> Self {
        Authenticator { options, keys, clock, departments, codes, verified: Cache::new(MAX_VERIFIED) }
    }

    /// The caller behind the value of an `Authorization` header.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn caller(&self, authorization: Option<&str>) -> Result<Arc<Caller>, Refused> {
        let token = authorization.and_then(bearer).ok_or(Refused::Missing)?;
        let now = self.clock.now().timestamp();
        if let Some(verified) = self.verified.get(token) {
            return match now <= verified.expires_at + self.options.leeway_s {
                true => Ok(verified.caller),
                false => Err(Refused::Invalid("expired")),
            };
        }
        let claims = self.verify(token).await?;
        self.in_time(&claims, now)?;
        let verified = Verified { expires_at: claims.exp, caller: Arc::new(self.holder(claims)?) };
        self.verified.insert(token.to_owned(), verified.clone());
        Ok(verified.caller)
    }

    async fn verify(&self, token: &str) -> Result<Claims, Refused> {
        if token.len() > MAX_TOKEN {
            return Err(Refused::Invalid("too long"));
        }
        let header = decode_header(token).map_err(|_| Refused::Invalid("header can't be read"))?;
        if has_critical_extensions(token) {
            return Err(Refused::Invalid("header asks for extensions"));
        }
        let key = self.keys.key(header.kid.as_deref()).await.ok_or(Refused::Invalid("unknown key"))?;
        let algorithm = algorithm_of(&key).ok_or(Refused::Invalid("key of no use here"))?;
        // The key says which algorithm is right, never the token.
        if header.alg != algorithm {
            return Err(Refused::Invalid("algorithm isn't the key's"));
        }
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refused::Invalid("key can't be read"))?;
        let data: TokenData<Claims> = decode(token, &key, &signature_only(algorithm))
            .map_err(|_| Refused::Invalid("signature or claims are wrong"))?;
        Ok(data.claims)
    }

    fn in_time(&self, claims: &Claims, now: i64) -> Result<(), Refused> {
        let leeway = self.options.leeway_s;
        if now > claims.exp.saturating_add(leeway) {
            return Err(Refused::Invalid("expired"));
        }
        if claims.nbf.unwrap_or(claims.iat).max(claims.iat) > now.saturating_add(leeway) {
            return Err(Refused::Invalid("not valid yet"));
        }
        Ok(())
    }

    fn holder(&self, claims: Claims) -> Result<Caller, Refused> {
        let Claims { iss, aud, sub, jti, department, role, division, citizen_id, .. } = claims;
        let known =
            |condition: bool, why: &'static str| if condition { Ok(()) } else { Err(Refused::Invalid(why)) };
        known(self.options.issuers.contains(&iss), "issuer isn't trusted")?;
        known(
            audiences(&aud).any(|aud| self.options.audiences.iter().any(|known| known == aud)),
            "audience isn't us",
        )?;
        known(!sub.trim().is_empty() && sub.len() <= MAX_SUBJECT, "subject is empty or too long")?;
        known(!sub.chars().any(char::is_control), "subject has control characters")?;
        known(self.departments.contains(&department), "department isn't known")?;
        known(self.codes.has_role(&role), "role isn't known")?;
        let is_division = division.len() == 12 && division.bytes().all(|byte| byte.is_ascii_digit());
        known(is_division && !division.starts_with("00"), "division isn't 12 digits")?;
        let person = citizen_id.map(|number| crate::plan::citizen_number(&number)).transpose();
        let person = person.map_err(|_| Refused::Invalid("citizen number isn't one"))?;
        // The subject stands in records, where no citizen number may.
        known(!crate::plan::names_a_person(&sub), "subject names a person")?;
        Ok(Caller { issuer: iss, subject: sub, department, role, division, token_id: jti, person })
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim())
}

/// One audience or several; anything else is none.
fn audiences(aud: &Value) -> impl Iterator<Item = &str> {
    let many = aud.as_array().into_iter().flatten().filter_map(Value::as_str);
    aud.as_str().into_iter().chain(many)
}

/// A receiver must refuse what `crit` lists and it doesn't know (RFC 7515, 4.1.11); we know none.
fn has_critical_extensions(token: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header: Option<Value> = header.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    header.is_none_or(|header| header.get("crit").is_some() || header.get("b64").is_some())
}

/// Times, issuer and audience are checked here, with our own clock and strict types.
fn signature_only(algorithm: jsonwebtoken::Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}
