//! A disk that can be filled up and emptied again, with a server on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use testkit::databases::check_sqlite;

use crate::support::{Program, Recipe};

/// How large it is. The database takes a part of it, and what fills it the rest.
const SIZE: &str = "12m";

/// Room that can run out.
pub(crate) enum SmallDisk {
    /// A file system of its own, in a mount namespace that a shell keeps open. What is written to it really has no room.
    Mounted { shell: Child, folder: tempfile::TempDir },
    /// A limit on the size of each file, for machines on which nothing may be mounted.
    Limited { folder: tempfile::TempDir },
}

impl SmallDisk {
    /// A file system of its own, or `None` if the machine doesn't let anybody mount one.
    pub(crate) fn mounted() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let script = format!("mount -t tmpfs -o size={SIZE} small \"$1\" && echo mounted && read -r _");
        // Whoever isn't root may do so in a user namespace, where that is allowed.
        for flags in [&["-m"][..], &["-U", "-r", "-m"]] {
            let mut shell = Command::new("unshare")
                .args(flags)
                .args(["sh", "-c", &script, "small-disk"])
                .arg(folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .context("unshare, of util-linux")?;
            let mut line = String::new();
            BufReader::new(shell.stdout.take().context("a pipe")?).read_line(&mut line)?;
            if line.trim() == "mounted" {
                return Ok(Some(Self::Mounted { shell, folder }));
            }
            shell.wait()?;
        }
        Ok(None)
    }

    /// Files that may not grow.
    pub(crate) fn limited() -> Result<Self> {
        Ok(Self::Limited { folder: tempfile::tempdir()? })
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Mounted { folder, .. } | Self::Limited { folder } => folder.path(),
        }
    }

    /// A server whose database is on this disk.
    pub(crate) fn recipe(&self) -> Result<Recipe> {
        let url = format!("sqlite:{}", self.folder().join("boxoffice.db").display());
        // It would say for each batch that there is no room.
        let mut recipe = Recipe::serve(&url, &["--gateway", "fake"])?.quiet();
        recipe.wrapper = match self {
            Self::Mounted { shell, .. } => {
                let own = shell.id().to_string();
                ["nsenter", "-t", &own, "-m", "-U", "--preserve-credentials", "--"].map(str::to_owned).to_vec()
            }
            // A write beyond the limit is an error then, and no signal that ends the program.
            Self::Limited { .. } => ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "small-disk"].map(str::to_owned).to_vec(),
        };
        if let Self::Mounted { shell, .. } = self
            && same_user_namespace(shell.id())
        {
            recipe.wrapper.retain(|word| word != "-U" && word != "--preserve-credentials");
        }
        Ok(recipe)
    }

    /// The same folder, as it is seen from outside.
    fn seen(&self) -> PathBuf {
        match self {
            Self::Mounted { shell, folder } => {
                let root = PathBuf::from(format!("/proc/{}/root", shell.id()));
                root.join(folder.path().strip_prefix("/").unwrap_or(folder.path()))
            }
            Self::Limited { folder } => folder.path().to_owned(),
        }
    }

    /// Leaves so much room, in bytes, and no more.
    pub(crate) fn leave(&self, server: &Program, room: u64) -> Result<()> {
        match self {
            Self::Mounted { .. } => {
                let path = self.seen().join("filler");
                let mut filler = fs::File::create(&path)?;
                let block = [0; 4096];
                // Until there is no room for a single byte more.
                while filler.write_all(&block).is_ok() {}
                let length = filler.metadata()?.len();
                filler.set_len(length.saturating_sub(room))?;
                Ok(())
            }
            Self::Limited { .. } => limit(server, &format!("{room}:unlimited")),
        }
    }

    /// Makes room again.
    pub(crate) fn make_room(&self, server: Option<&Program>) -> Result<()> {
        match (self, server) {
            (Self::Mounted { .. }, _) => Ok(fs::remove_file(self.seen().join("filler"))?),
            (Self::Limited { .. }, Some(server)) => limit(server, "unlimited:unlimited"),
            // A limit is gone with the program that had it.
            (Self::Limited { .. }, None) => Ok(()),
        }
    }

    /// Looks at each page of the database, which nobody may be using.
    pub(crate) fn check(&self) -> Result<()> {
        let copy = tempfile::tempdir()?;
        for name in ["boxoffice.db", "boxoffice.db-wal"] {
            let from = self.seen().join(name);
            if from.exists() {
                fs::copy(from, copy.path().join(name))?;
            }
        }
        check_sqlite(&copy.path().join("boxoffice.db"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Self::Mounted { shell, .. } = self {
            // With the last program in its namespace the file system is gone.
            drop(shell.kill());
            drop(shell.wait());
        }
    }
}

fn same_user_namespace(process: u32) -> bool {
    let space = |process: &str| fs::read_link(format!("/proc/{process}/ns/user")).ok();
    space("self") == space(&process.to_string())
}

fn limit(server: &Program, size: &str) -> Result<()> {
    let set = Command::new("prlimit").args(["--pid", &server.id().to_string(), &format!("--fsize={size}")]).status();
    match set.context("prlimit, of util-linux")? {
        status if status.success() => Ok(()),
        status => bail!("prlimit: {status}"),
    }
}
