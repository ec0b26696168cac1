//! What is measured, one module per part.

pub(crate) mod builds;
pub(crate) mod calls;
pub(crate) mod generator;
pub(crate) mod lists;
pub(crate) mod sandbox;
pub(crate) mod start;

use anyhow::Result;

use crate::{
    Bench,
    measure::{Figure, Program},
    server::{Answers, Server},
};

/// The work of a program: a long run less a short one, so that starting up does not count.
pub(crate) struct Work<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) in_flight: usize,
    pub(crate) short: usize,
    pub(crate) long: usize,
    pub(crate) tls: bool,
}

impl Work<'_> {
    /// What one unit costs, counted like this.
    pub(crate) fn each(
        &self,
        bench: &Bench,
        rounds: usize,
        count: impl Fn(&[String]) -> Result<f64>,
    ) -> Result<Figure> {
        Figure::of(rounds, || {
            let run = |number: usize| {
                let identity = self.tls.then_some(&bench.identity);
                let server = Server::start(Answers::of(self.scenario, number), identity)?;
                count(&self.arguments(&server, number))
            };
            #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
            let units = (self.long - self.short) as f64;
            Ok((run(self.long)? - run(self.short)?) / units)
        })
    }

    pub(crate) fn instructions(&self, bench: &Bench, program: &Program) -> Result<Figure> {
        self.each(bench, bench.rounds, |arguments| {
            program.instructions(arguments)
        })
    }

    /// Once: they hardly differ.
    pub(crate) fn allocations(&self, bench: &Bench, program: &Program) -> Result<Figure> {
        self.each(bench, 1, |arguments| program.allocations(arguments))
    }

    pub(crate) fn arguments(&self, server: &Server, number: usize) -> Vec<String> {
        let (number, in_flight) = (number.to_string(), self.in_flight.to_string());
        vec![
            server.url.clone(),
            self.scenario.to_owned(),
            number,
            in_flight,
        ]
    }
}
