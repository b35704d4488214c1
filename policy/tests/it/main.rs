//! scratch
use std::sync::Arc;
use yimen_policy::*;
#[test]
fn load() {
    let catalogue = Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap());
    let t = std::time::Instant::now();
    let policies = Policies::load(catalogue.clone(), Codes::bundled(), &bundled_sources());
    eprintln!("load {:?}", t.elapsed());
    let policies = match policies { Ok(p) => p, Err(e) => panic!("{e}") };
    eprintln!("coordinates {}", catalogue.coordinates.len());
    for (d, r, p) in [("CIVIL_AFFAIRS","REVIEWER","MLA_REVIEW"),("TOWNSHIP_GOV","WINDOW_CLERK","MLA_REVIEW"),("UNION","HELP_CENTRE","UNION_FILE_CHECK"),("UNION","STEWARD","UNION_FILE_CHECK"),("PUBLIC","CITIZEN","STATISTICS")] {
        let t = std::time::Instant::now();
        let table = policies.table(&Profile { department: d.into(), role: r.into(), purpose: p.into() });
        let e = t.elapsed();
        let n = |w: &str| catalogue.coordinate_ids().filter(|id| table.decision(*id).as_str() == w).count();
        eprintln!("{d} {r} {p} {e:?} CLEAR {} MASK {} DENY {}", n("CLEAR"), n("MASK"), n("DENY"));
    }
}
#[test]
fn asker() {
    let catalogue = Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap());
    let policies = Policies::load(catalogue.clone(), Codes::bundled(), &bundled_sources()).unwrap();
    let id = catalogue.coordinate_named("TaxSummary.year").unwrap();
    let profile = Profile { department: "TAX".into(), role: "REVIEWER".into(), purpose: "MLA_REVIEW".into() };
    let t = std::time::Instant::now();
    for _ in 0..50 { std::hint::black_box(policies.explain(&profile, id)); }
    eprintln!("explain {:?}", t.elapsed() / 50);
    let t = std::time::Instant::now();
    for _ in 0..20 { std::hint::black_box(policies.table(&profile)); }
    eprintln!("table {:?}", t.elapsed() / 20);
}
