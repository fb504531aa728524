//! The private PostgreSQL: it survives what a test does to it, and nothing of it survives the process.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use tempfile::TempDir;
use testkit::postgres::{self, Options, Server};

#[test]
fn the_shared_server_is_one_server() {
    let first = postgres::server().unwrap();
    let second = thread::spawn(|| postgres::server().unwrap()).join().unwrap();
    assert!(std::ptr::eq(first, second));
    PgConnection::establish(first.url()).unwrap();
}

#[test]
fn what_was_committed_survives_a_killed_server() {
    let server = Server::start(Options::default()).unwrap();
    let mut connection = PgConnection::establish(server.url()).unwrap();
    connection.batch_execute("CREATE DATABASE shop").unwrap();
    let shop = server.url_of("shop");
    let mut connection = PgConnection::establish(&shop).unwrap();
    connection.batch_execute("CREATE TABLE sold (seat text); INSERT INTO sold VALUES ('A1')").unwrap();
    connection.batch_execute("BEGIN; INSERT INTO sold VALUES ('A2')").unwrap();

    server.kill().unwrap();
    assert!(PgConnection::establish(&shop).is_err());
    server.resume().unwrap();

    assert_eq!(count(&shop, "SELECT count(*) AS count FROM sold"), 1);
}

#[test]
fn a_server_restarts_on_its_port_again_and_again() {
    let server = Server::start(Options::default()).unwrap();
    for _ in 0..3 {
        let mut before = PgConnection::establish(server.url()).unwrap();
        server.restart().unwrap();
        assert!(before.batch_execute("SELECT 1").is_err());
        PgConnection::establish(server.url()).unwrap();
        // A query that is running when its server is killed holds on to the memory for a moment.
        let url = server.url().to_owned();
        let busy = thread::spawn(move || {
            let mut connection = PgConnection::establish(&url).unwrap();
            connection.batch_execute("SELECT pg_sleep(60)").unwrap_err();
        });
        wait_for("the query to run", || {
            count(server.url(), "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 1
        });
        server.kill().unwrap();
        server.resume().unwrap();
        busy.join().unwrap();
    }
    server.resume().unwrap();
    PgConnection::establish(server.url()).unwrap();
}

#[test]
fn several_servers_live_side_by_side_and_a_dropped_one_is_gone() {
    let [first, second] = [(); 2].map(|()| Server::start(Options::default()).unwrap());
    let url = first.url().to_owned();
    drop(first);
    assert!(PgConnection::establish(&url).is_err());
    PgConnection::establish(second.url()).unwrap();
}

#[test]
fn only_a_durable_server_waits_for_the_disk() {
    for (durable, expected) in [(false, "off"), (true, "on")] {
        let server = Server::start(Options { durable }).unwrap();
        for setting in ["fsync", "full_page_writes"] {
            assert_eq!(show(server.url(), setting), expected, "{setting}");
        }
        assert_eq!(show(server.url(), "synchronous_commit"), "on");
    }
}

#[test]
fn with_postgres_gives_the_url_to_the_command_and_its_exit_code_back() {
    let mut run = Run::start("exit 7");
    assert_eq!(run.process.wait().unwrap().code(), Some(7));
    run.expect_nothing_left();

    let mut run = Run::start("kill -9 $$");
    assert_eq!(run.process.wait().unwrap().code(), Some(128 + 9));
    run.expect_nothing_left();
}

#[test]
fn nothing_is_left_after_a_signal() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let mut run = Run::start("exec sleep 600");
        send(signal, run.process.id());
        assert_eq!(run.process.wait().unwrap().code(), Some(128 + number));
        run.expect_nothing_left();
    }
}

#[test]
fn nothing_is_left_after_sigkill_though_a_child_lives_on() {
    let mut run = Run::start("exec sleep 600");
    run.process.kill().unwrap();
    run.process.wait().unwrap();
    run.expect_nothing_left();
    // The child would have kept the watchdog waiting if it had inherited the pipe.
    send("KILL", run.child);
}

#[test]
fn nothing_is_left_when_the_process_is_killed_while_the_server_starts() {
    for delay_ms in (0..600).step_by(60) {
        let folder = shared_folder();
        let mut process = with_postgres(folder.path(), "exit 0").spawn().unwrap();
        // The moment of the kill is the point of this test: it must not wait for a condition.
        thread::sleep(Duration::from_millis(delay_ms));
        process.kill().unwrap();
        process.wait().unwrap();
        wait_for("the folder to go", || is_empty(folder.path()));
        wait_for("the processes to go", || !is_mentioned(folder.path()));
    }
}

/// One run of `with-postgres`, in a temporary folder of its own.
struct Run {
    process: Child,
    /// The process id of the command that it runs.
    child: u32,
    port: u16,
    folder: TempDir,
}

impl Run {
    /// Returns when the command is running.
    fn start(script: &str) -> Self {
        let folder = shared_folder();
        let script = format!("echo $$; echo $TEST_DATABASE_URL; {script}");
        let mut process = with_postgres(folder.path(), &script).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let child = lines.next().unwrap().unwrap().parse().unwrap();
        let url = lines.next().unwrap().unwrap();
        let port = url.rsplit([':', '/']).nth(1).unwrap().parse().unwrap();
        Self { process, child, port, folder }
    }

    fn expect_nothing_left(&self) {
        wait_for("the server to go", || TcpStream::connect(("127.0.0.1", self.port)).is_err());
        wait_for("the folder to go", || is_empty(self.folder.path()));
        wait_for("the processes to go", || !is_mentioned(self.folder.path()));
    }
}

fn with_postgres(folder: &Path, script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_with-postgres"));
    command.args(["sh", "-c", script]).env("TMPDIR", folder).env_remove(postgres::URL_VARIABLE);
    command
}

/// A folder through which the account of the server may pass, too.
fn shared_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// Whether a process has the folder in its command line. Only Linux has /proc; elsewhere nothing is found.
fn is_mentioned(folder: &Path) -> bool {
    let folder = folder.as_os_str().as_encoded_bytes();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .any(|command| command.windows(folder.len()).any(|part| part == folder))
}

fn send(signal: &str, process: u32) {
    let status = Command::new("sh").args(["-c", "kill -s $1 $2", "sh", signal, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn count(url: &str, query: &str) -> i64 {
    let mut connection = PgConnection::establish(url).unwrap();
    sql_query(query).get_result::<Count>(&mut connection).unwrap().count
}

fn show(url: &str, setting: &str) -> String {
    let mut connection = PgConnection::establish(url).unwrap();
    let query = sql_query("SELECT current_setting($1) AS value").bind::<Text, _>(setting);
    query.get_result::<Setting>(&mut connection).unwrap().value
}
