//! Names of people who don't exist, put together from short lists.

use crate::family::Sex;
use crate::random::Dice;

/// Common surnames of the region with rough weights.
const SURNAMES: [(&str, u32); 40] = [
    ("王", 90),
    ("李", 85),
    ("张", 85),
    ("刘", 55),
    ("陈", 35),
    ("杨", 30),
    ("赵", 28),
    ("孙", 22),
    ("郭", 20),
    ("周", 18),
    ("马", 18),
    ("吴", 15),
    ("朱", 14),
    ("胡", 13),
    ("徐", 12),
    ("高", 12),
    ("宋", 12),
    ("韩", 11),
    ("冯", 11),
    ("许", 10),
    ("于", 9),
    ("董", 9),
    ("范", 9),
    ("贾", 8),
    ("魏", 8),
    ("杜", 8),
    ("常", 7),
    ("崔", 7),
    ("邢", 6),
    ("边", 6),
    ("申", 6),
    ("姬", 4),
    ("娄", 4),
    ("职", 3),
    ("逯", 2),
    ("户", 2),
    ("欧阳", 1),
    ("上官", 1),
    ("仉", 1),
    ("亓", 1),
];

const MALE: [&str; 32] = [
    "建", "国", "军", "伟", "强", "明", "勇", "志", "辉", "鹏", "磊", "涛", "超", "浩", "杰", "宇", "海",
    "林", "文", "斌", "保", "新", "振", "永", "广", "红", "长", "立", "子", "轩", "泽", "晨",
];

const FEMALE: [&str; 32] = [
    "秀", "英", "芳", "兰", "玲", "丽", "红", "霞", "敏", "静", "燕", "娟", "梅", "凤", "云", "桂", "花",
    "爱", "玉", "淑", "雪", "婷", "倩", "琳", "洁", "慧", "欣", "怡", "雨", "涵", "萱", "诺",
];

/// Characters beyond the common fonts and, the last two, beyond 16 bits.
const RARE: [&str; 6] = ["䶮", "㛃", "喆", "犇", "𠅤", "𬎆"];

pub(crate) fn surname(dice: &mut Dice) -> &'static str {
    dice.weighted(&SURNAMES)
}

/// A whole name under a surname; one in eighty has a rare character.
pub(crate) fn name(dice: &mut Dice, surname: &str, sex: Sex) -> String {
    let characters = match sex {
        Sex::Male => &MALE,
        Sex::Female => &FEMALE,
    };
    let mut name = surname.to_owned();
    if dice.chance(0.7) {
        name.push_str(dice.pick(characters));
    }
    let last = if dice.chance(1.0 / 80.0) { dice.pick(&RARE) } else { dice.pick(characters) };
    name.push_str(last);
    name
}

/// The name of somebody whom only one row names: an officer of another place, a contact.
pub(crate) fn anybody(dice: &mut Dice) -> String {
    let sex = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
    let surname = surname(dice);
    name(dice, surname, sex)
}
