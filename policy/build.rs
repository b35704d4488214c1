//! Rebuilds the crate when a policy file comes or goes.

fn main() {
    println!("cargo:rerun-if-changed=cedar");
}
