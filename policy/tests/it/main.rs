//! What the policies answer, asked through the doors that the gateway uses: files in, decision tables out.

mod baseline;
mod bundled;
mod decisions;
mod refused;
mod world;
#[test]
fn zz_time() {
    let _ = &*world::POLICIES;
    for (d, r, p) in [
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION"),
        ("UNION", "STEWARD", "UNION_FILE_CHECK"),
        ("PUBLIC", "CITIZEN", "STATISTICS"),
    ] {
        let t = cpu();
        for _ in 0..5 {
            std::hint::black_box(world::POLICIES.table(&world::profile(d, r, p)));
        }
        eprintln!("{d} {r} {p} {:?}", (cpu() - t) / 5);
    }
    let t = cpu();
    for _ in 0..50 {
        std::hint::black_box(world::POLICIES.explain(
            &world::profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
            world::id("TaxSummary.taxPaid"),
        ));
    }
    eprintln!("explain refused {:?}", (cpu() - t) / 50);
}

fn cpu() -> std::time::Duration {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(s.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn zz_count() {
    for (d, r, p) in [
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW"),
        ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
        ("MEDICAL_SECURITY", "REVIEWER", "MEDICAL_ASSISTANCE"),
        ("HOUSING", "REVIEWER", "HOUSING_SECURITY"),
        ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("FINANCE", "REVIEWER", "MLA_REVIEW"),
        ("FINANCE", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
        ("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION"),
        ("PUBLIC", "CITIZEN", "MLA_REVIEW"),
    ] {
        let t = world::table(d, r, p);
        let n = |w: &str, links: bool| {
            world::CATALOGUE
                .coordinate_ids()
                .filter(|id| {
                    matches!(world::def(*id), yimen_schema::FieldDef::Link(_)) == links
                        && world::decide(&t, *id).as_str() == w
                })
                .count()
        };
        eprintln!(
            "{d} {p}: CLEAR {} MASK {} DENY {}; links open {} of {}",
            n("CLEAR", false),
            n("MASK", false),
            n("DENY", false),
            n("CLEAR", true),
            n("CLEAR", true) + n("DENY", true)
        );
    }
}
