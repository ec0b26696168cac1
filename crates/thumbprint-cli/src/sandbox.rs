//! `thumbprint sandbox`.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::{Args, ValueEnum};
use serde_json::json;
use thumbprint::Thumbprint;
use thumbprint_sandbox::{Builder, Exchange, Sandbox, Seed, samples};
use tokio::sync::mpsc;

use crate::{
    credential,
    failure::Failure,
    input,
    output::{self, Format, Show as _},
    results::{Listening, Operation},
    terminal, wap,
};

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Let other machines in, as a container needs it. Anyone who reaches the sandbox may do everything
    #[arg(long)]
    allow_remote: bool,
    /// A name that the sandbox answers by beside localhost, such as that of its container
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// What the services hold, in place of the samples: JSON or YAML, by docs/testing/seed.schema.json
    #[arg(long, value_name = "FILE", conflicts_with = "empty")]
    seed: Option<PathBuf>,
    /// Hold nothing, in place of the samples
    #[arg(long)]
    empty: bool,
    /// How many seconds the deletion of a Batch certificate takes: 2 unless set
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deletion_time: Option<Duration>,
    /// Have a pool use this Batch certificate, so that its deletion fails
    #[arg(long, value_name = "THUMBPRINT")]
    in_use: Vec<Thumbprint>,
    /// Answer with 400 `CertificateRetired`, as the live Batch service does since 2025: every Batch request,
    /// or those of an operation such as `Certificate_Add`
    #[arg(long, value_name = "OPERATION", num_args = 0..=1, default_missing_value = "")]
    retired: Vec<String>,
    /// Refuse requests with headers that no document declares
    #[arg(long)]
    strict: bool,
    /// Issue Windows Azure Pack's tokens to this user, whose password is in `THUMBPRINT_WAP_PASSWORD`, and
    /// take no others
    #[arg(long, value_name = "NAME")]
    wap_user: Option<String>,
    /// Whether Windows Azure Pack takes only tokens that the sandbox has issued: strict with --wap-user, else
    /// any. Batch takes any
    #[arg(long, value_enum)]
    tokens: Option<Tokens>,
    /// Answer below /__sandbox too, by specs/admin.yaml: seed, reset, state, journal, clock, faults
    #[arg(long)]
    admin: bool,
    /// Answer so on a port of its own
    #[arg(long, value_name = "ADDR", conflicts_with = "admin")]
    admin_listen: Option<SocketAddr>,
    /// Speak TLS, with a certificate made at the start, whose pin is printed
    #[arg(long)]
    tls: bool,
    /// Write the authority's certificate to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_out: Option<PathBuf>,
    /// Append a line of JSON for each request to this file; - for stdout. No secret is in it
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print the settings and what the services would hold, as JSON, and end
    #[arg(long)]
    print_config: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tokens {
    Strict,
    Any,
}

impl Tokens {
    fn word(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Any => "any",
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok();
    number
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .ok_or_else(|| "write a number of seconds, such as 5 or 0.5".to_owned())
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let tokens = arguments.tokens();
    let mut builder = arguments.builder()?;
    if let Some(user) = &arguments.wap_user {
        let password = credential::password(wap::PASSWORD, user)?;
        builder = builder.wap_user(user, password);
    } else if tokens == Tokens::Strict {
        let remedy = "name one with --wap-user";
        return Err(Failure::usage(
            "--tokens strict",
            "there is no user to get a token",
            remedy,
        ));
    }
    builder = builder.check_wap_tokens(tokens == Tokens::Strict);
    if arguments.print_config {
        return print_config(&arguments, &builder, format);
    }
    let (failed, mut failures) = mpsc::channel(1);
    if let Some(path) = &arguments.log {
        builder = builder.on_exchange(log(path, failed)?);
    }
    let sandbox = builder.start().await.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => Failure::Usage(error.to_string()),
        _ => Failure::System {
            doing: "starting the sandbox",
            error,
        },
    })?;
    if let Some((path, identity)) = arguments.ca_out.as_ref().zip(sandbox.identity()) {
        fs::write(path, identity.authority()).map_err(|error| Failure::System {
            doing: "writing the authority's certificate",
            error,
        })?;
    }
    let pin = sandbox.identity().map(|identity| identity.pin().to_owned());
    let listening = Listening {
        operation: Operation::Sandbox,
        listening_on: sandbox.base_url(),
        administration: sandbox.admin_url().map(str::to_owned),
        certificate_pin: pin,
    };
    listening.print(format)?;
    let ended = tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped.map_err(|error| Failure::System {
            doing: "waiting to be stopped",
            error,
        }),
        Some(error) = failures.recv() => Err(Failure::System {
            doing: "writing the log",
            error,
        }),
    };
    sandbox.stop().await;
    ended
}

impl Arguments {
    fn tokens(&self) -> Tokens {
        let implied = if self.wap_user.is_some() {
            Tokens::Strict
        } else {
            Tokens::Any
        };
        self.tokens.unwrap_or(implied)
    }

    fn builder(&self) -> Result<Builder, Failure> {
        let mut builder = Sandbox::builder()
            .listen(self.listen)
            .allow_remote(self.allow_remote)
            .strict(self.strict)
            .admin(self.admin)
            .tls(self.tls);
        if let Some(address) = self.admin_listen {
            builder = builder.admin_listen(address);
        }
        if let Some(time) = self.deletion_time {
            builder = builder.deletion_time(time);
        }
        if self.empty {
            builder = builder.empty();
        }
        if let Some(path) = &self.seed {
            builder = builder.seed(seed(path)?);
        }
        for thumbprint in &self.in_use {
            builder = builder.batch_pool(thumbprint.as_str(), samples::BATCH_POOL);
        }
        for host in &self.host {
            builder = builder.host(host);
        }
        for operation in &self.retired {
            builder = if operation.is_empty() {
                builder.retired(true)
            } else {
                builder.retired_operation(operation)
            };
        }
        Ok(builder)
    }
}

fn seed(path: &Path) -> Result<Seed, Failure> {
    let field = "--seed";
    let problem = |problem: String| {
        let problem = format!("{}: {problem}", path.display());
        Failure::usage(
            field,
            problem,
            "docs/testing/seed.schema.json says what stands there",
        )
    };
    let text = String::from_utf8(input::read(field, path)?);
    let text = text.map_err(|_| problem("it is not UTF-8".to_owned()))?;
    // JSON is YAML, too. The error shows no part of the file, which may be another one than was meant.
    serde_saphyr::from_str(&text).map_err(|error| {
        let error = error.without_snippet().to_string();
        problem(error.lines().next().unwrap_or_default().to_owned())
    })
}

fn print_config(arguments: &Arguments, builder: &Builder, format: Format) -> Result<(), Failure> {
    let seed = builder
        .to_seed()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let retired = arguments.retired.iter();
    let retired = retired.map(|id| if id.is_empty() { "all" } else { id });
    let config = json!({
        "listen": arguments.listen.to_string(),
        "allow_remote": arguments.allow_remote,
        "hosts": arguments.host,
        "tls": arguments.tls,
        "admin": arguments.admin,
        "admin_listen": arguments.admin_listen.map(|address| address.to_string()),
        "strict": arguments.strict,
        "retired": retired.collect::<Vec<_>>(),
        "deletion_seconds": builder.deletion().as_secs_f64(),
        "tokens": arguments.tokens().word(),
        "log": arguments.log.as_ref().map(|path| path.display().to_string()),
        "seed": seed,
    });
    let text = match format {
        Format::Table => format!("{config:#}"),
        Format::Json => config.to_string(),
    };
    let lines = text.lines().map(terminal::escaped);
    output::print(&lines.map(|line| line + "\n").collect::<String>())
}

/// What writes the log. Whoever waits for `failed` learns that it cannot be written.
fn log(
    path: &Path,
    failed: mpsc::Sender<io::Error>,
) -> Result<thumbprint_sandbox::Observer, Failure> {
    let to: Box<dyn Write + Send> = if input::is_stdin(path) {
        Box::new(io::stdout())
    } else {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Box::new(file.map_err(|error| {
            let problem = format!("{}: {error}", path.display());
            Failure::usage(
                "--log",
                problem,
                "give a file that can be written, or - for stdout",
            )
        })?)
    };
    let to = Mutex::new(to);
    Ok(Arc::new(move |exchange: &Exchange| {
        let line = terminal::escaped(&exchange.to_json()) + "\n";
        let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = to.write_all(line.as_bytes()).and_then(|()| to.flush()) {
            // The first failure ends the sandbox; those after it have nobody to tell.
            let _ = failed.try_send(error);
        }
    }))
}
