//! Finds the installed PostgreSQL. Distributions keep the server's programs off the PATH, each in its own place.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::Error;

/// Where packages put the server's programs: `*` stands for a version.
const PLACES: [&str; 8] = [
    "/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
    "/usr/pgsql-*/bin",                                   // PostgreSQL's own packages for Fedora and RHEL
    "/usr/libexec/postgresql*",                           // Alpine
    "/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
    "/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
    "/usr/local/pgsql/bin",                               // built from source
];

/// The programs that a server needs. They must be side by side, or they do not find each other.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_ctl"];

/// The folders with a complete set of programs, the preferred one first. Never empty.
pub(super) fn folders() -> Result<Vec<PathBuf>, Error> {
    let looked_in = candidates();
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in looked_in.iter().filter_map(|folder| installation(folder)) {
        if !found.contains(&folder) {
            found.push(folder);
        }
    }
    if found.is_empty() { Err(Error::NotInstalled(looked_in)) } else { Ok(found) }
}

/// What the PATH says comes first: that is how a developer chooses between versions.
fn candidates() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
    on_path.chain(pg_config()).chain(PLACES.iter().flat_map(|place| expand(place))).collect()
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(folder.trim())).filter(|folder| folder.is_absolute())
}

/// The folders that match a place, the highest version first.
fn expand(place: &str) -> Vec<PathBuf> {
    let Some((before, after)) = place.split_once('*') else {
        return vec![PathBuf::from(place)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut versions: Vec<(Vec<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
            Some((version, PathBuf::from(format!("{parent}/{name}{after}"))))
        })
        .collect();
    versions.sort_by_key(|(version, _)| Reverse(version.clone()));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// The real folder behind a candidate, if it has all the programs. `initdb` on the PATH is often a link whose
/// siblings are elsewhere.
fn installation(candidate: &Path) -> Option<PathBuf> {
    let initdb = candidate.join(PROGRAMS[0]).canonicalize().ok()?;
    let folder = initdb.parent()?;
    PROGRAMS.iter().all(|program| folder.join(program).is_file()).then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_highest_version_comes_first_and_versions_are_numbers() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9.6", "15", "9.10", "junk"] {
            fs::create_dir_all(root.path().join(version).join("bin")).unwrap();
        }
        let found = expand(&format!("{}/*/bin", root.path().display()));
        let expected: Vec<_> = ["15", "9.10", "9.6"].map(|version| root.path().join(version).join("bin")).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_link_leads_to_the_folder_that_has_the_other_programs() {
        let root = tempfile::tempdir().unwrap();
        let [real, links] = ["real", "links"].map(|name| root.path().canonicalize().unwrap().join(name));
        fs::create_dir(&real).unwrap();
        fs::create_dir(&links).unwrap();
        symlink(real.join("initdb"), links.join("initdb")).unwrap();
        assert_eq!(installation(&links), None);
        for program in PROGRAMS {
            fs::write(real.join(program), "").unwrap();
        }
        assert_eq!(installation(&links), Some(real));
    }
}
