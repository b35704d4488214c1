//! Invented bodies that rows name: offices, schools, hospitals, unions, homes, charities.
//!
//! Their names all say that they are samples (示例), since the places they are in are real.

use crate::credit_code::{Register, credit_code};
use crate::division::{COUNTY, Divisions};

/// A row of the organisation register in the making.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) id: String,
    pub(crate) uscc: String,
    pub(crate) name: String,
    /// The department whose function it has.
    pub(crate) function: &'static str,
    pub(crate) industry: &'static str,
    pub(crate) level: &'static str,
    pub(crate) parent: Option<String>,
    pub(crate) division: String,
}

/// The bodies by what they do: indexes into [`Bodies::all`].
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    pub(crate) all: Vec<Body>,
    pub(crate) civil_affairs: usize,
    pub(crate) union_federation: usize,
    pub(crate) help_centre: usize,
    /// One for each town, in the order of the towns.
    pub(crate) town_offices: Vec<usize>,
    pub(crate) town_unions: Vec<usize>,
    pub(crate) kindergartens: Vec<usize>,
    pub(crate) primary: Vec<usize>,
    pub(crate) junior: Vec<usize>,
    pub(crate) senior: Vec<usize>,
    pub(crate) vocational: Vec<usize>,
    pub(crate) special: Vec<usize>,
    pub(crate) universities: Vec<usize>,
    pub(crate) hospitals: Vec<usize>,
    pub(crate) homes: Vec<usize>,
    pub(crate) charities: Vec<usize>,
    pub(crate) social_work: Vec<usize>,
    pub(crate) training: Vec<usize>,
}

/// The offices of the county by function.
const OFFICES: [(&str, &str); 12] = [
    ("民政局", "CIVIL_AFFAIRS"),
    ("人力资源和社会保障局", "HRSS"),
    ("公安局", "PUBLIC_SECURITY"),
    ("税务局", "TAX"),
    ("市场监督管理局", "MARKET_REGULATION"),
    ("住房和城乡建设局", "HOUSING"),
    ("不动产登记中心", "REAL_ESTATE_REGISTRY"),
    ("公积金管理部", "HOUSING_FUND"),
    ("卫生健康委员会", "HEALTH"),
    ("医疗保障局", "MEDICAL_SECURITY"),
    ("教育体育局", "EDUCATION"),
    ("残疾人联合会", "DPF"),
];

/// Universities are in the province's cities.
const UNIVERSITIES: [(&str, &str); 6] = [
    ("郑州示例大学", "410100000000"),
    ("新乡示例学院", "410700000000"),
    ("开封示例师范学院", "410200000000"),
    ("洛阳示例职业技术学院", "410300000000"),
    ("安阳示例工学院", "410500000000"),
    ("郑州示例医学高等专科学校", "410100000000"),
];

impl Bodies {
    pub(crate) fn new(divisions: &Divisions) -> Self {
        let mut bodies = Bodies::default();
        bodies.offices();
        for town in &divisions.towns {
            bodies.town(&town.name, &town.code);
        }
        bodies.schools();
        bodies.care();
        bodies
    }

    pub(crate) fn id(&self, index: usize) -> String {
        self.all[index].id.clone()
    }

    fn add(&mut self, name: String, register: Register, kind: &Kind, parent: Option<usize>) -> usize {
        let index = self.all.len();
        self.all.push(Body {
            id: format!("ORG-{:05}", index + 1),
            uscc: credit_code(register, index as u64),
            name,
            function: kind.function,
            industry: kind.industry,
            level: kind.level,
            parent: parent.map(|parent| self.id(parent)),
            division: kind.division.to_owned(),
        });
        index
    }

    fn of_county(&mut self, name: &str, register: Register, function: &'static str) -> usize {
        let kind = Kind { function, industry: industry(function), level: "COUNTY", division: COUNTY };
        self.add(format!("封丘县示例{name}"), register, &kind, None)
    }

    fn offices(&mut self) {
        for (name, function) in OFFICES {
            self.of_county(name, Register::Institution, function);
        }
        self.civil_affairs = 0;
        self.union_federation = self.of_county("总工会", Register::TradeUnion, "UNION");
        self.help_centre = self.of_county("困难职工帮扶中心", Register::TradeUnion, "UNION_HELP_CENTRE");
    }

    /// What every town has: an office, a union, schools, a hospital.
    fn town(&mut self, name: &str, code: &str) {
        let kind =
            |function| Kind { function, industry: industry(function), level: "TOWNSHIP", division: code };
        let of_town = |what: &str| format!("封丘县{name}示例{what}");
        let register = Register::Institution;
        let office = self.add(of_town("人民政府"), register, &kind("TOWNSHIP_GOV"), None);
        let federation = Some(self.union_federation);
        let union = self.add(of_town("工会"), Register::TradeUnion, &kind("UNION"), federation);
        self.town_offices.push(office);
        self.town_unions.push(union);
        let kindergarten = self.add(of_town("幼儿园"), register, &kind("SCHOOL"), None);
        let primary = self.add(of_town("小学"), register, &kind("SCHOOL"), None);
        let junior = self.add(of_town("初级中学"), register, &kind("SCHOOL"), None);
        self.kindergartens.push(kindergarten);
        self.primary.push(primary);
        self.junior.push(junior);
        let hospital = self.add(of_town("卫生院"), register, &kind("HEALTH"), None);
        self.hospitals.push(hospital);
    }

    fn schools(&mut self) {
        for name in ["第一高级中学", "第二高级中学", "第三高级中学"] {
            let school = self.of_county(name, Register::Institution, "SCHOOL");
            self.senior.push(school);
        }
        for name in ["职业中等专业学校", "技工学校"] {
            let school = self.of_county(name, Register::Institution, "SCHOOL");
            self.vocational.push(school);
        }
        let special = self.of_county("特殊教育学校", Register::Institution, "SCHOOL");
        self.special.push(special);
        for (name, division) in UNIVERSITIES {
            let kind = Kind { function: "SCHOOL", industry: "P8341", level: "PROVINCE", division };
            let school = self.add(name.to_owned(), Register::Institution, &kind, None);
            self.universities.push(school);
        }
    }

    fn care(&mut self) {
        for name in ["人民医院", "中医院"] {
            let hospital = self.of_county(name, Register::Institution, "HEALTH");
            self.hospitals.push(hospital);
        }
        for name in ["城关敬老院", "黄陵敬老院", "社会福利院"] {
            let home = self.of_county(name, Register::Institution, "CARE_INSTITUTION");
            self.homes.push(home);
        }
        for name in ["慈善会", "爱心助学基金会"] {
            let charity = self.of_county(name, Register::Social, "CHARITY");
            self.charities.push(charity);
        }
        for name in ["阳光社工站", "同行社会工作服务中心"] {
            let social_work = self.of_county(name, Register::Social, "SOCIAL_WORK_ORG");
            self.social_work.push(social_work);
        }
        for name in ["职业培训学校", "家政培训中心", "创业培训学校"] {
            let training = self.of_county(name, Register::Social, "TRAINING_PROVIDER");
            self.training.push(training);
        }
    }
}

/// What bodies of a sort have in common.
struct Kind<'a> {
    function: &'static str,
    industry: &'static str,
    level: &'static str,
    division: &'a str,
}

/// The industry (GB/T 4754) of bodies with a function.
fn industry(function: &str) -> &'static str {
    match function {
        "SCHOOL" => "P8331",
        "HEALTH" => "Q8411",
        "CARE_INSTITUTION" => "Q8514",
        "CHARITY" | "SOCIAL_WORK_ORG" => "S9521",
        "TRAINING_PROVIDER" => "P8391",
        "UNION" | "UNION_HELP_CENTRE" => "S9511",
        _ => "S9224",
    }
}
