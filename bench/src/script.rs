//! A plan's statements as a script for `pgbench`: the same texts, their parameters as variables.
//!
//! `pgbench` can't hand many rows of one statement to the next. The lists that statements look up
//! are known from the walk and stand in the table of picks; they come back to `pgbench` (`\gset`), which
//! then sends them as parameters, as the gateway must. For one person they come with the first
//! statement's own row; for pages and rolls a statement before the first fetches them.

use std::fmt::Write as _;

use anyhow::Context;
use yimen::plan::{Bind, Fetch, Input, Plan};

use crate::picks::table;
use crate::query::{BEHIND_DIVISION, DIVISION, Query};
use crate::walk::{Origin, origin, origins};

/// A script with the values of its fixed variables.
#[derive(Debug, PartialEq)]
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) defines: Vec<(String, String)>,
}

/// The script of a plan for so many picks.
pub(crate) fn script(query: Query, plan: &Plan, picks: usize) -> anyhow::Result<Script> {
    let last = picks.checked_sub(1).context("no picks")?;
    let mut writer = Writer {
        table: table(query),
        comes_first: query == Query::Family,
        origins: origins(plan),
        defines: vec![define("low", DIVISION), define("high", BEHIND_DIVISION)],
    };
    let mut text = format!("\\set n random(0, {last})\n");
    if !writer.comes_first {
        let columns = writer.columns(plan).join(", ");
        let _ = writeln!(text, "SELECT {columns} FROM {} WHERE n = :n \\gset", writer.table);
    }
    for (index, fetch) in plan.fetches.iter().enumerate() {
        let statement = writer.statement(index, fetch)?;
        let _ = writeln!(text, "{statement}");
    }
    Ok(Script { text, defines: writer.defines })
}

struct Writer {
    table: String,
    /// Whether the first statement fetches the lists of those below it; else one before it does.
    comes_first: bool,
    origins: Vec<Origin>,
    defines: Vec<(String, String)>,
}

impl Writer {
    /// The columns of picks that the statements of a plan use.
    fn columns(&self, plan: &Plan) -> Vec<String> {
        let lists = (0..self.origins.len()).map(|at| format!("k{at}"));
        let uses =
            |wanted: fn(&Bind) -> bool| plan.fetches.iter().any(|fetch| fetch.binds.iter().any(wanted));
        let value =
            uses(|bind| matches!(bind, Bind::Variable(_) | Bind::WithinLow(..))).then(|| String::from("v"));
        let behind = uses(|bind| matches!(bind, Bind::WithinHigh(..))).then(|| String::from("v_behind"));
        lists.chain(value).chain(behind).collect()
    }

    fn statement(&mut self, index: usize, fetch: &Fetch) -> anyhow::Result<String> {
        let is_root = origin(fetch) == Some(Origin::Request);
        let places: Vec<String> =
            fetch.binds.iter().map(|bind| self.place(bind, fetch, is_root)).collect::<Result<_, _>>()?;
        let sql = substitute(&fetch.sql, &places)?;
        if !self.comes_first || index > 0 {
            return Ok(format!("{sql};"));
        }
        anyhow::ensure!(is_root, "the first statement must look the pick up");
        let lists = self.origins.iter().enumerate().filter(|(_, origin)| **origin != Origin::Request);
        let lists: String = lists.map(|(at, _)| format!("p.k{at}, ")).collect();
        Ok(format!(
            "SELECT {lists}t.* FROM {} AS p CROSS JOIN LATERAL ({sql}) AS t WHERE p.n = :n \\gset",
            self.table
        ))
    }

    fn place(&mut self, bind: &Bind, fetch: &Fetch, is_root: bool) -> anyhow::Result<String> {
        Ok(match bind {
            Bind::Keys => self.list(fetch, is_root)?,
            Bind::DivisionLow(_) => String::from(":low"),
            Bind::DivisionHigh(_) => String::from(":high"),
            Bind::Rows(rows) => self.fixed(&format!("rows{rows}"), &rows.to_string()),
            Bind::Literal(Input::Text(text)) => self.literal(text),
            Bind::Variable(_) | Bind::WithinLow(..) => String::from(":v"),
            Bind::WithinHigh(..) => String::from(":v_behind"),
            Bind::Literal(Input::List(_))
            | Bind::Values(_)
            | Bind::Cursor(_)
            | Bind::Members(_)
            | Bind::CaseOpened
            | Bind::Today
            | Bind::Moved => {
                anyhow::bail!("no measured query has this: {bind:?}")
            }
        })
    }

    fn list(&self, fetch: &Fetch, is_root: bool) -> anyhow::Result<String> {
        let origin = origin(fetch).context("a page looks nothing up")?;
        let at = self.origins.iter().position(|known| *known == origin).context("an unknown origin")?;
        let is_of_row = self.comes_first && is_root;
        Ok(if is_of_row { format!("p.k{at}") } else { format!(":k{at}") })
    }

    fn literal(&mut self, text: &str) -> String {
        let known = self.defines.iter().find(|(name, value)| name.starts_with("literal") && value == text);
        match known {
            Some((name, _)) => format!(":{name}"),
            None => self.fixed(&format!("literal{}", self.defines.len()), text),
        }
    }

    fn fixed(&mut self, name: &str, value: &str) -> String {
        if !self.defines.iter().any(|(known, _)| known == name) {
            self.defines.push(define(name, value));
        }
        format!(":{name}")
    }
}

fn define(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Puts texts in the places `$1`, `$2`, … of a statement.
pub(crate) fn substitute(sql: &str, places: &[String]) -> anyhow::Result<String> {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().context("a dollar that is no parameter")?;
        let place =
            number.checked_sub(1).and_then(|at| places.get(at)).context("a parameter without a value")?;
        out.push_str(place);
        out.push_str(&part[digits..]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::substitute;

    #[test]
    fn parameters_become_variables() {
        let places = [String::from(":k1"), String::from(":low")];
        let sql = "SELECT 1 FROM t WHERE k = ANY($1::text[]) AND d >= $2::text AND e = $1";
        let expected = "SELECT 1 FROM t WHERE k = ANY(:k1::text[]) AND d >= :low::text AND e = :k1";
        assert_eq!(substitute(sql, &places).unwrap(), expected);
        assert!(substitute("SELECT $3", &places).is_err());
    }
}
