//! PostgreSQL refuses to run as root, as which containers usually run tests: its programs then run as another
//! account, to which the folder is given.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::Error;

/// Debian's packages and the official images create the first; every system has the second.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// The account that PostgreSQL's programs run as.
#[derive(Clone, Copy, Debug)]
pub(super) enum Account {
    /// The one that runs this process.
    Own,
    Other {
        uid: u32,
        gid: u32,
    },
}

impl Account {
    /// Chooses the account for a folder that this process has just created, and gives it the folder.
    pub(super) fn for_folder(folder: &Path) -> Result<Self, Error> {
        // The owner of a new folder is the effective user: the standard library has no `geteuid`.
        let owner = fs::metadata(folder).map_err(Error::io(format!("reading {}", folder.display())))?.uid();
        if owner != 0 {
            return Ok(Self::Own);
        }
        let passwd = fs::read_to_string("/etc/passwd").map_err(Error::io("reading /etc/passwd"))?;
        let (uid, gid) = choose(&passwd).ok_or(Error::NoAccount)?;
        chown(folder, Some(uid), Some(gid)).map_err(Error::io(format!("giving {} away", folder.display())))?;
        Ok(Self::Other { uid, gid })
    }

    /// A command that runs as this account, in a folder that it may enter, and without a terminal.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Self::Other { uid, gid } = self {
            // This also clears the supplementary groups.
            command.uid(uid).gid(gid);
        }
        command
    }
}

/// The first of [`ACCOUNTS`] in the text of /etc/passwd that is not root by another name.
fn choose(passwd: &str) -> Option<(u32, u32)> {
    ACCOUNTS.iter().find_map(|name| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2);
        let uid = ids.next()?.parse().ok()?;
        let gid = ids.next()?.parse().ok()?;
        (uid != 0).then_some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";

    #[test]
    fn the_account_of_postgresql_is_preferred() {
        let passwd = format!("{NOBODY}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        assert_eq!(choose(&passwd), Some((101, 104)));
    }

    #[test]
    fn nobody_is_used_where_postgresql_has_no_account() {
        assert_eq!(choose(NOBODY), Some((65534, 65533)));
    }

    #[test]
    fn root_is_never_chosen() {
        assert_eq!(choose("root:x:0:0::/root:/bin/sh\npostgres:x:0:0::/:/bin/sh\n"), None);
    }
}
