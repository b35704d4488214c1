//! Statements: one text for a plan, whatever its values, in the dialect of the department's database.
//!
//! Names come from the catalogue, which has checked that they are plain identifiers; every value is
//! a parameter. Parameters are text that the statement casts, so that one binding fits all drivers.

use std::fmt::Write;
use std::sync::Arc;

use yimen_schema::{Direction, Scalar, SummaryFn};

use crate::plan::arguments::Operator;
use crate::plan::{Bind, Input};

/// What a database understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL 13 and later.
    Postgres,
    /// SQLite 3.38 and later.
    Sqlite,
}

/// For how many ranges of codes a statement has room: one where a division is what its code says, and more where it
/// took the place of others. Statements are written for powers of two of them, so that they stay few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Widths {
    own: usize,
    within: usize,
}

impl Widths {
    /// Room for these ranges of the caller's own, and for as many as a filter may name.
    pub fn of(own: usize, within: usize) -> Self {
        Widths { own: own.next_power_of_two(), within: within.next_power_of_two() }
    }
}

/// What a statement reads.
pub(crate) struct Select<'a> {
    pub(crate) table: &'a str,
    /// The columns after the key, in the order of their slots.
    pub(crate) columns: Vec<&'a str>,
    pub(crate) rows: RowsWanted<'a>,
    pub(crate) conditions: Vec<Where<'a>>,
    /// The column that the caller's division is compared with, where the row scope asks for it.
    pub(crate) division: Option<&'a str>,
    /// For how many ranges of codes there is room.
    pub(crate) widths: Widths,
    /// How rows are held to a case's family.
    pub(crate) members: Option<Members<'a>>,
    /// What a move changes of where rows are read, within a case.
    pub(crate) moves: Moves<'a>,
}

/// What a move changes of where rows are read, beside their own division.
pub(crate) enum Moves<'a> {
    /// Nothing.
    None,
    /// People whom the register had here on the day on which the case was opened, or since.
    Register(Places<'a>),
    /// Rows that are filed where a person of the statement above lived before.
    Followed { subject: &'a str },
}

/// The table with the places where the people of a register live and lived.
pub(crate) struct Places<'a> {
    pub(crate) table: &'a str,
    pub(crate) register: &'a str,
    pub(crate) near: &'a str,
    pub(crate) far: &'a str,
    pub(crate) division: &'a str,
    pub(crate) until: &'a str,
}

impl Select<'_> {
    /// The places that a column with former divisions is read from, and what says that somebody lives here.
    pub(crate) fn former(&self) -> Option<(&Places<'_>, &str)> {
        match (&self.moves, self.division) {
            (Moves::Register(places), Some(division)) => Some((places, division)),
            _ => None,
        }
    }
}

/// How rows are held to a case's family.
pub(crate) enum Members<'a> {
    /// By their own column.
    Own { column: &'a str, family: Arc<str> },
    /// By the people of another table: a household by its members.
    Linked { table: &'a str, near: &'a str, far: &'a str, column: &'a str, family: Arc<str> },
}

/// Which rows, and how many.
pub(crate) enum RowsWanted<'a> {
    /// At most one row for each value of a column that identifies rows.
    Unique { key: &'a str },
    /// At most `first` rows for each value of a column.
    Each { key: &'a str, order: Vec<Term<'a>>, first: i64 },
    /// One row of numbers for each value of a column.
    Summary { key: &'a str, values: Vec<Aggregate<'a>> },
    /// One page of a table.
    Page { order: Vec<Term<'a>>, first: i64, after: bool },
}

/// A term of an order.
#[derive(Clone, Copy)]
pub(crate) struct Term<'a> {
    pub(crate) column: &'a str,
    pub(crate) scalar: &'a Scalar,
    pub(crate) direction: Direction,
    /// The key is never null, which keeps its comparison plain.
    pub(crate) is_key: bool,
}

/// A condition.
pub(crate) struct Where<'a> {
    pub(crate) column: &'a str,
    pub(crate) scalar: &'a Scalar,
    pub(crate) operator: Operator,
    pub(crate) bind: Bind,
}

/// One value of a summary.
pub(crate) struct Aggregate<'a> {
    pub(crate) function: SummaryFn,
    pub(crate) column: Option<&'a str>,
    /// Columns and the constants that they must equal for a row to count.
    pub(crate) conditions: Vec<(&'a str, &'a Scalar, &'a str)>,
}

/// The statement's text and its parameters.
pub(crate) fn write(dialect: Dialect, select: &Select<'_>) -> (String, Vec<Bind>) {
    let mut writer = Writer { dialect, sql: String::with_capacity(256), binds: Vec::new() };
    match &select.rows {
        RowsWanted::Unique { key } => writer.unique(select, key),
        RowsWanted::Each { key, order, first } => writer.each(select, key, order, *first),
        RowsWanted::Summary { key, values } => writer.summary(select, key, values),
        RowsWanted::Page { order, first, after } => writer.page(select, order, *first, *after),
    }
    (writer.sql, writer.binds)
}

struct Writer {
    dialect: Dialect,
    sql: String,
    binds: Vec<Bind>,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn name(&mut self, name: &str) {
        let _ = write!(self.sql, "\"{name}\"");
    }

    fn names(&mut self, names: &[&str]) {
        for name in names {
            self.push(", ");
            self.name(name);
        }
    }

    fn unique(&mut self, select: &Select<'_>, key: &str) {
        self.push("SELECT ");
        self.name(key);
        self.names(&select.columns);
        if let Some((places, division)) = select.former() {
            self.former(places, division, select.widths);
        }
        self.rows_of_keys(select, key);
    }

    /// `FROM … WHERE key = … AND …`
    fn rows_of_keys(&mut self, select: &Select<'_>, key: &str) {
        self.push(" FROM ");
        self.name(select.table);
        self.push(" WHERE ");
        self.name(key);
        self.among_keys();
        self.conditions(select, true);
    }

    fn among_keys(&mut self) {
        let place = self.place(Bind::Keys);
        match self.dialect {
            Dialect::Postgres => self.push(&format!(" = ANY({place}::text[])")),
            // The statement is run for one value after another.
            Dialect::Sqlite => self.push(&format!(" = {place}")),
        }
    }

    fn each(&mut self, select: &Select<'_>, key: &str, order: &[Term<'_>], first: i64) {
        match self.dialect {
            Dialect::Postgres => self.each_lateral(select, key, order, first),
            Dialect::Sqlite => self.each_alone(select, key, order, first),
        }
    }

    fn each_lateral(&mut self, select: &Select<'_>, key: &str, order: &[Term<'_>], first: i64) {
        self.push("SELECT k.key, t.* FROM unnest(");
        let place = self.place(Bind::Keys);
        self.push(&format!("{place}::text[]) AS k(key) CROSS JOIN LATERAL (SELECT "));
        self.listed(&select.columns);
        self.push(" FROM ");
        self.name(select.table);
        self.push(" WHERE ");
        self.name(key);
        self.push(" = k.key");
        self.conditions(select, true);
        self.order_by(order);
        self.limit(first);
        self.push(") AS t");
    }

    fn each_alone(&mut self, select: &Select<'_>, key: &str, order: &[Term<'_>], first: i64) {
        self.unique(select, key);
        self.order_by(order);
        self.limit(first);
    }

    fn summary(&mut self, select: &Select<'_>, key: &str, values: &[Aggregate<'_>]) {
        self.push("SELECT ");
        self.name(key);
        for value in values {
            self.push(", ");
            self.aggregate(value);
        }
        self.rows_of_keys(select, key);
        self.push(" GROUP BY ");
        self.name(key);
    }

    fn aggregate(&mut self, value: &Aggregate<'_>) {
        let column = value.column.map(|column| format!("\"{column}\"")).unwrap_or_default();
        let call = match value.function {
            SummaryFn::Exists | SummaryFn::Count => String::from("count(*)"),
            SummaryFn::Sum => format!("sum({column})"),
            SummaryFn::Max => format!("max({column})"),
        };
        self.push(&call);
        if !value.conditions.is_empty() {
            self.push(" FILTER (WHERE ");
            for (index, (column, scalar, constant)) in value.conditions.iter().enumerate() {
                self.push(if index == 0 { "" } else { " AND " });
                self.name(column);
                self.push(" = ");
                let bind = Bind::Literal(Input::Text((*constant).to_owned()));
                self.typed(scalar, bind);
            }
            self.push(")");
        }
        if value.function == SummaryFn::Exists {
            self.push(" > 0");
        }
    }

    fn page(&mut self, select: &Select<'_>, order: &[Term<'_>], first: i64, after: bool) {
        self.push("SELECT ");
        self.listed(&select.columns);
        self.push(" FROM ");
        self.name(select.table);
        let is_first = select.division.is_none() && select.conditions.is_empty() && select.members.is_none();
        if after || !is_first {
            self.push(" WHERE ");
        }
        self.conditions(select, false);
        if after {
            self.push(if is_first { "(" } else { " AND (" });
            self.behind_cursor(order);
            self.push(")");
        }
        self.order_by(order);
        // One more than asked for tells whether rows follow.
        self.limit(first + 1);
    }

    /// Columns without a leading comma; a statement that needs none still needs one value a row.
    fn listed(&mut self, columns: &[&str]) {
        match columns.split_first() {
            None => self.push("1"),
            Some((first, rest)) => {
                self.name(first);
                self.names(rest);
            }
        }
    }

    /// The rows behind the cursor, term by term: equal so far, and behind in this one.
    fn behind_cursor(&mut self, order: &[Term<'_>]) {
        for (at, term) in order.iter().enumerate() {
            self.push(if at == 0 { "(" } else { " OR (" });
            for (earlier, equal) in order[..at].iter().enumerate() {
                self.name(equal.column);
                self.push(match self.dialect {
                    Dialect::Postgres => " IS NOT DISTINCT FROM ",
                    Dialect::Sqlite => " IS ",
                });
                self.typed(equal.scalar, Bind::Cursor(earlier));
                self.push(" AND ");
            }
            self.behind(term, at);
            self.push(")");
        }
    }

    /// Nulls come last, whichever the direction.
    fn behind(&mut self, term: &Term<'_>, at: usize) {
        let operator = match term.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        };
        self.push("(");
        self.name(term.column);
        self.push(operator);
        self.typed(term.scalar, Bind::Cursor(at));
        if !term.is_key {
            self.push(" OR (");
            self.name(term.column);
            self.push(" IS NULL AND ");
            self.typed(term.scalar, Bind::Cursor(at));
            self.push(" IS NOT NULL)");
        }
        self.push(")");
    }

    fn conditions(&mut self, select: &Select<'_>, has_earlier: bool) {
        let mut joiner = if has_earlier { " AND " } else { "" };
        if let Some(column) = select.division {
            self.push(joiner);
            let moves = !matches!(select.moves, Moves::None);
            self.push(if moves { "(" } else { "" });
            self.any_of(select.widths.own, |writer, at| match has_earlier {
                true => writer.range_of_found(column, at),
                false => writer.range(column, Bind::DivisionLow(at), Bind::DivisionHigh(at)),
            });
            self.moved(select, column);
            self.push(if moves { ")" } else { "" });
            joiner = " AND ";
        }
        for condition in &select.conditions {
            self.push(joiner);
            self.condition(condition, select.widths);
            joiner = " AND ";
        }
        if let Some(members) = &select.members {
            self.push(joiner);
            self.members(select.table, members);
        }
    }

    /// Rows beside those of the caller's own division: people who lived here since the case was opened, and what is
    /// filed where people who moved here lived before.
    fn moved(&mut self, select: &Select<'_>, division: &str) {
        match &select.moves {
            Moves::None => {}
            Moves::Register(places) => {
                let Places { table, register, near, far, until, .. } = places;
                self.push(&format!(
                    " OR EXISTS (SELECT 1 FROM \"{table}\" AS r WHERE r.\"{far}\" = \"{register}\".\"{near}\" \
                     AND r.\"{until}\" >= "
                ));
                self.typed(&Scalar::Date, Bind::CaseOpened);
                self.push(" AND (");
                self.any_of(select.widths.own, |writer, at| writer.lived_in(places, at));
                self.push("))");
            }
            Moves::Followed { subject } => {
                self.push(&format!(" OR (\"{subject}\" || ' ' || \"{division}\")"));
                self.among(&Scalar::String, Bind::Moved);
            }
        }
    }

    fn lived_in(&mut self, places: &Places<'_>, at: usize) {
        for (operator, bind) in [(">=", Bind::DivisionLow(at)), ("<", Bind::DivisionHigh(at))] {
            self.push(if operator == "<" { " AND " } else { "" });
            self.push(&format!("r.\"{}\" {operator} ", places.division));
            self.typed(&Scalar::Division, bind);
        }
    }

    /// The divisions where somebody who lives here lived before, as one more column.
    fn former(&mut self, places: &Places<'_>, division: &str, widths: Widths) {
        self.push(", CASE WHEN ");
        self.any_of(widths.own, |writer, at| {
            writer.range(division, Bind::DivisionLow(at), Bind::DivisionHigh(at));
        });
        let Places { table, register, near, far, division, until } = places;
        let list = match self.dialect {
            Dialect::Postgres => format!("string_agg(DISTINCT r.\"{division}\", ',')"),
            Dialect::Sqlite => format!("group_concat(DISTINCT r.\"{division}\")"),
        };
        self.push(&format!(
            " THEN (SELECT {list} FROM \"{table}\" AS r WHERE r.\"{far}\" = \"{register}\".\"{near}\" \
             AND r.\"{until}\" < "
        ));
        self.typed(&Scalar::Date, Bind::Today);
        self.push(") END");
    }

    fn members(&mut self, of: &str, members: &Members<'_>) {
        match members {
            Members::Own { column, family } => {
                self.name(column);
                self.among(&Scalar::CitizenId, Bind::Members(family.clone()));
            }
            Members::Linked { table, near, far, column, family } => {
                let _ = write!(
                    self.sql,
                    "EXISTS (SELECT 1 FROM \"{table}\" AS m WHERE m.\"{far}\" = \"{of}\".\"{near}\" AND m.\"{column}\""
                );
                self.among(&Scalar::CitizenId, Bind::Members(family.clone()));
                self.push(")");
            }
        }
    }

    fn condition(&mut self, condition: &Where<'_>, widths: Widths) {
        let Where { column, scalar, operator, bind } = condition;
        match operator {
            Operator::Within => {
                let bind = || Box::new(bind.clone());
                self.any_of(widths.within, |writer, at| {
                    writer.range(column, Bind::WithinLow(at, bind()), Bind::WithinHigh(at, bind()));
                });
            }
            Operator::In => {
                self.name(column);
                self.among(scalar, bind.clone());
            }
            Operator::Eq | Operator::AtLeast | Operator::AtMost => {
                self.name(column);
                self.push(match operator {
                    Operator::AtLeast => " >= ",
                    Operator::AtMost => " <= ",
                    _ => " = ",
                });
                self.typed(scalar, bind.clone());
            }
        }
    }

    /// One range after the other, of which a row lies in any. An index answers each by itself.
    fn any_of(&mut self, ranges: usize, one: impl Fn(&mut Self, usize)) {
        if ranges == 1 {
            return one(self, 0);
        }
        for at in 0..ranges {
            self.push(if at == 0 { "(" } else { " OR " });
            one(self, at);
        }
        self.push(")");
    }

    /// A division and all below it: a range of codes, which an index answers.
    fn range(&mut self, column: &str, low: Bind, high: Bind) {
        self.name(column);
        self.push(" >= ");
        self.typed(&Scalar::Division, low);
        self.push(" AND ");
        self.name(column);
        self.push(" < ");
        self.typed(&Scalar::Division, high);
    }

    /// The same of rows that are looked up by a key, where no index on divisions may be used: PostgreSQL's generic
    /// plan takes any division for half a hundredth of the rows, and reads all of those to look one person up.
    fn range_of_found(&mut self, column: &str, at: usize) {
        for (operator, bind) in [(" >= ", Bind::DivisionLow(at)), (" < ", Bind::DivisionHigh(at))] {
            let is_second = operator == " < ";
            self.push(if is_second { " AND " } else { "" });
            match self.dialect {
                Dialect::Postgres => {
                    self.name(column);
                    self.push(" COLLATE \"C\"");
                }
                Dialect::Sqlite => {
                    self.push("+");
                    self.name(column);
                }
            }
            self.push(operator);
            self.typed(&Scalar::Division, bind);
        }
    }

    fn among(&mut self, scalar: &Scalar, bind: Bind) {
        let place = self.place(bind);
        match self.dialect {
            Dialect::Postgres => {
                let cast = match scalar {
                    Scalar::Int => "::text[]::int8[]",
                    _ => "::text[]",
                };
                self.push(&format!(" = ANY({place}{cast})"));
            }
            Dialect::Sqlite => {
                let value = match scalar {
                    Scalar::Int => "CAST(value AS INTEGER)",
                    _ => "value",
                };
                self.push(&format!(" IN (SELECT {value} FROM json_each({place}))"));
            }
        }
    }

    /// A parameter cast to the type of the column that it is compared with.
    fn typed(&mut self, scalar: &Scalar, bind: Bind) {
        let place = self.place(bind);
        let text = match (self.dialect, scalar) {
            (Dialect::Postgres, Scalar::Int) => format!("{place}::text::int8"),
            (Dialect::Postgres, Scalar::Money | Scalar::Decimal) => format!("{place}::text::numeric"),
            (Dialect::Postgres, Scalar::Date) => format!("{place}::text::date"),
            (Dialect::Postgres, Scalar::DateTime) => format!("{place}::text::timestamptz"),
            (Dialect::Postgres, Scalar::Boolean) => format!("{place}::text::boolean"),
            (Dialect::Postgres, _) => format!("{place}::text"),
            (Dialect::Sqlite, Scalar::Int) => format!("CAST({place} AS INTEGER)"),
            (Dialect::Sqlite, Scalar::Money | Scalar::Decimal) => format!("CAST({place} AS REAL)"),
            // Documents say `true`; a cursor says what SQLite keeps.
            (Dialect::Sqlite, Scalar::Boolean) => format!("({place} IN ('true', '1'))"),
            (Dialect::Sqlite, _) => place,
        };
        self.push(&text);
    }

    fn order_by(&mut self, order: &[Term<'_>]) {
        for (index, term) in order.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            self.name(term.column);
            match (term.direction, term.is_key, self.dialect) {
                (Direction::Ascending, true, _) | (Direction::Ascending, false, Dialect::Postgres) => {}
                (Direction::Ascending, false, Dialect::Sqlite) => self.push(" NULLS LAST"),
                (Direction::Descending, true, _) => self.push(" DESC"),
                (Direction::Descending, false, _) => self.push(" DESC NULLS LAST"),
            }
        }
    }

    fn limit(&mut self, rows: i64) {
        let place = self.place(Bind::Rows(rows));
        match self.dialect {
            Dialect::Postgres => self.push(&format!(" LIMIT {place}::int8")),
            Dialect::Sqlite => self.push(&format!(" LIMIT {place}")),
        }
    }

    /// The placeholder of a parameter; equal parameters share one.
    fn place(&mut self, bind: Bind) -> String {
        let at = self.binds.iter().position(|known| *known == bind).unwrap_or_else(|| {
            self.binds.push(bind);
            self.binds.len() - 1
        });
        match self.dialect {
            Dialect::Postgres => format!("${}", at + 1),
            Dialect::Sqlite => format!("?{}", at + 1),
        }
    }
}
