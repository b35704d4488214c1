//! Rebuilds the crate when a policy file comes or goes.
#![expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]

fn main() {
    println!("cargo:rerun-if-changed=cedar");
}
