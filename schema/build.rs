//! Rebuilds the crate when an SDL file comes or goes.

fn main() {
    println!("cargo:rerun-if-changed=.");
}
