//! TLS to PostgreSQL: whose certificate is believed, and that nothing goes in the clear where it is demanded.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use yimen_migration::ExchangeDatabase;

use crate::support::county::{county, value, yimen};
use crate::support::postgres::texts;
use crate::support::{Server, postgres};
use crate::tls::Authority;
use crate::websocket::officer;

/// A PostgreSQL server of the test's own, with a certificate for an address, ended with the test.
struct Secured {
    folder: TempDir,
    port: u16,
}

impl Secured {
    fn start(authority: &Authority, name: &str) -> Secured {
        let folder = tempfile::Builder::new().prefix("yimen-secured.").tempdir_in("/tmp").unwrap();
        let (certificate, key) = authority.issue_for(name);
        std::fs::write(folder.path().join("server.pem"), certificate).unwrap();
        std::fs::write(folder.path().join("server.key"), key).unwrap();
        done(Command::new("chmod").arg("600").arg(folder.path().join("server.key")));
        if is_root() {
            done(Command::new("chown").args(["-R", "postgres"]).arg(folder.path()));
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let secured = Secured { folder, port };
        let data = secured.data();
        done(
            tool("initdb")
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"])
                .arg(&data),
        );
        let path = |name: &str| secured.folder.path().join(name).display().to_string();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nssl = on\n\
             ssl_cert_file = '{}'\nssl_key_file = '{}'\n",
            path("server.pem"),
            path("server.key"),
        );
        std::fs::write(data.join("postgresql.conf"), settings).unwrap();
        let mut start = tool("pg_ctl");
        start.args(["start", "-w", "-o", &format!("-p {port}"), "-l", &path("log"), "-D"]).arg(&data);
        done(&mut start);
        secured
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// An address that says nothing of TLS, for the test itself.
    fn plain(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// An address that demands TLS, by a host's name.
    fn demanding(&self, host: &str, database: &str, authority: &Path) -> String {
        let file = authority.display();
        let port = self.port;
        format!("postgres://postgres@{host}:{port}/{database}?sslmode=verify-full&sslrootcert={file}")
    }

    fn run(&self, statement: &str) -> Vec<String> {
        texts(&self.plain("postgres"), statement)
    }

    /// Sets a parameter, for connections from then on.
    fn set(&self, name: &str, value: &str) {
        self.run(&format!("ALTER SYSTEM SET {name} = {value}"));
        self.run("SELECT pg_reload_conf()");
        let is_set = || self.run(&format!("SHOW {name}")) == [value];
        let is_soon = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            is_set()
        });
        assert!(is_soon, "`{name}` stays as it was");
    }

    /// Connections of the program to a database: how many, and how many of them are in the clear.
    fn connections(&self, database: &str) -> (usize, usize) {
        let sql = format!(
            "SELECT count(*) || ' ' || count(*) FILTER (WHERE NOT ssl) FROM pg_stat_activity \
             JOIN pg_stat_ssl USING (pid) WHERE datname = '{database}'"
        );
        let counts = self.run(&sql).remove(0);
        let (all, plain) = counts.split_once(' ').unwrap();
        (all.parse().unwrap(), plain.parse().unwrap())
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = tool("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()).output();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

/// A program of the newest PostgreSQL that is installed, which doesn't run as root.
fn tool(name: &str) -> Command {
    let installed =
        std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed by `scripts/test`");
    let mut versions: Vec<PathBuf> = installed.map(|entry| entry.unwrap().path()).collect();
    versions.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    let program = versions.pop().unwrap().join("bin").join(name);
    let mut command = match is_root() {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    command.current_dir("/tmp");
    command
}

#[track_caller]
fn done(command: &mut Command) {
    // A server that is left behind would keep a pipe open.
    let status = command.stdout(std::process::Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// A file with an authority's certificate.
fn file(folder: &TempDir, name: &str, authority: &Authority) -> PathBuf {
    let file = folder.path().join(name);
    std::fs::write(&file, authority.pem()).unwrap();
    file
}

/// Whether the union answers by a database of this address.
fn answers(url: &str) -> bool {
    let worker = value(
        "union",
        "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1",
    );
    let server = Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", url)]);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { unionFiles { fileNo } } }";
    let answer = officer(&server).send(query, json!({ "id": worker }));
    match answer.codes().as_slice() {
        [] => true,
        [code] if code == "DEPARTMENT_UNAVAILABLE" => false,
        _ => panic!("{}", answer.text),
    }
}

#[test]
fn a_department_whose_address_demands_tls_is_asked_by_no_other_way() {
    let (folder, ours, others) = (TempDir::new().unwrap(), Authority::new("ours"), Authority::new("ours"));
    let (right, wrong) = (file(&folder, "right.pem", &ours), file(&folder, "wrong.pem", &others));
    let secured = Secured::start(&ours, "127.0.0.1");
    secured.run("CREATE DATABASE exchange");
    postgres::migrate(&secured.plain("exchange"), ExchangeDatabase::UnionAid);
    // What the program sees of these connections is gone with it: they are counted as they are made.
    secured.set("log_connections", "on");
    assert!(answers(&secured.demanding("127.0.0.1", "exchange", &right)));
    let authorized = || {
        let log = std::fs::read_to_string(secured.folder.path().join("log")).unwrap();
        let of_program =
            |line: &&str| line.contains("connection authorized") && line.contains("application_name=yimen");
        let lines: Vec<String> = log.lines().filter(of_program).map(str::to_owned).collect();
        lines
    };
    let before = authorized();
    assert!(!before.is_empty() && before.iter().all(|line| line.contains("SSL enabled")), "{before:?}");
    assert!(
        !answers(&secured.demanding("127.0.0.1", "exchange", &wrong)),
        "a namesake's certificate is believed"
    );
    assert!(
        !answers(&secured.demanding("localhost", "exchange", &right)),
        "a certificate of another host is"
    );
    secured.set("ssl", "off");
    assert!(!answers(&secured.demanding("127.0.0.1", "exchange", &right)), "a plain connection was made");
    assert_eq!(authorized(), before, "somebody got in who mustn't");
    // The same server, where nothing is demanded.
    assert!(answers(&secured.plain("exchange")));
}

#[test]
fn a_hub_whose_address_demands_tls_is_used_by_no_other_way() {
    let (folder, ours, others) = (TempDir::new().unwrap(), Authority::new("ours"), Authority::new("ours"));
    let (right, wrong) = (file(&folder, "right.pem", &ours), file(&folder, "wrong.pem", &others));
    let secured = Secured::start(&ours, "127.0.0.1");
    secured.run("CREATE DATABASE hub");
    let migrate = |url: &str| {
        let mut migrate = yimen();
        migrate.args(["migrate", "--data"]).arg(county()).env("YIMEN__HUB__URL", url);
        let output = migrate.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let url = secured.demanding("127.0.0.1", "hub", &right);
    let (is_done, said) = migrate(&secured.demanding("127.0.0.1", "hub", &wrong));
    assert!(!is_done && said.contains("`hub.url` can't be reached"), "{said}");
    let (is_done, said) = migrate(&secured.demanding("localhost", "hub", &right));
    assert!(!is_done && said.contains("`hub.url` can't be reached"), "{said}");
    let (is_done, said) = migrate(&format!("{}?sslmode=require", secured.plain("hub")));
    assert!(!is_done && said.contains("`sslmode` is `verify-full` or `disable`"), "{said}");
    let (is_done, said) = migrate(&url);
    assert!(is_done, "{said}");
    let server = Server::set(&[("YIMEN__HUB__URL", &url)]);
    assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
    let (all, plain) = secured.connections("hub");
    assert!(all >= 3, "the pool, a lane and the log: {all}");
    assert_eq!(plain, 0);
    assert_eq!(server.records().len(), 1);
    drop(server);
    secured.set("ssl", "off");
    let (is_done, said) = migrate(&url);
    assert!(!is_done && said.contains("`hub.url` can't be reached"), "{said}");
}
