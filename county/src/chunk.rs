//! Rows of many families on their way to the databases, table by table.

use sea_orm::{EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};
use yimen_migration::ExchangeDatabase;

/// The rows of one table, whatever the table is: all that a writer needs to know.
pub(crate) trait Rows: Sync {
    fn table(&self) -> &'static str;

    fn columns(&self) -> Vec<&'static str>;

    fn count(&self) -> usize;

    /// Adds the values of one row, in the order of the columns.
    fn values(&self, row: usize, into: &mut Vec<Value>);
}

impl<M: ModelTrait + Sync> Rows for Vec<M> {
    fn table(&self) -> &'static str {
        <M::Entity as Default>::default().table_name()
    }

    fn columns(&self) -> Vec<&'static str> {
        <M::Entity as EntityTrait>::Column::iter().map(|column| column.as_str()).collect()
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn values(&self, row: usize, into: &mut Vec<Value>) {
        let model = &self[row];
        into.extend(<M::Entity as EntityTrait>::Column::iter().map(|column| model.get(column)));
    }
}

macro_rules! chunk {
    ($($database:ident: [$($table:ident),* $(,)?]),* $(,)?) => {
        /// Rows of many families, one list for each table.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Chunk {
            $($(
                #[doc = concat!("Rows of `", stringify!($table), "`.")]
                pub $table: Vec<yimen_entity::$database::$table::Model>,
            )*)*
        }

        impl Chunk {
            /// The tables of one exchange database.
            pub(crate) fn tables(&self, database: ExchangeDatabase) -> Vec<&dyn Rows> {
                match module(database) {
                    $(stringify!($database) => vec![$(&self.$table as &dyn Rows),*],)*
                    _ => Vec::new(),
                }
            }
        }
    };
}

yimen_entity::for_every_table!(chunk);

impl Chunk {
    /// How many rows each table has, in the order of databases and tables.
    pub fn counts(&self) -> Vec<(ExchangeDatabase, &'static str, usize)> {
        let tables = ExchangeDatabase::ALL.into_iter().flat_map(|database| {
            let tables = self.tables(database).into_iter();
            tables.map(move |rows| (database, rows.table(), rows.count()))
        });
        tables.collect()
    }
}

/// The module in which a database's entities are.
fn module(database: ExchangeDatabase) -> &'static str {
    match database {
        ExchangeDatabase::UnionAid => "union_aid",
        other => other.name(),
    }
}
