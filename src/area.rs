//! The rows of a division as a condition of the hub's own statements.

use sea_orm::Value;
use yimen_policy::Area;

/// The condition that a column's code lies in an area, with its values, numbered from `at`.
pub(crate) fn condition(area: &Area, column: &str, at: usize) -> (String, Vec<Value>) {
    let (mut ranges, mut values) = (Vec::new(), Vec::new());
    for range in area.ranges() {
        let place = at + values.len();
        ranges.push(format!("{column} >= ${place} AND {column} < ${}", place + 1));
        values.extend([Value::from(&*range.low), Value::from(&*range.high)]);
    }
    (format!("({})", ranges.join(" OR ")), values)
}
