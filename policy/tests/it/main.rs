//! What the policies answer, asked through the doors that the gateway uses: files in, decision tables out.

mod baseline;
mod bundled;
mod classes;
mod decisions;
mod grants;
mod grants_at_random;
mod need;
mod oracle;
mod refused;
mod world;
