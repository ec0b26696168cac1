//! What the clients of both services can be set to.

/// Gives a client's builder the methods for the settings of its transport.
macro_rules! forwards_settings {
    ($builder:ident) => {
        impl $builder {
            /// Takes plain http for loopback addresses, for a sandbox on this machine.
            #[must_use]
            pub fn allow_loopback_http(mut self) -> Self {
                self.transport = self.transport.allow_loopback_http();
                self
            }

            /// Which servers the client trusts: added roots, only these roots, or a pinned certificate.
            /// Those with certificates of the platform's roots unless set.
            ///
            /// When it does not trust one, [`Error::tls_failure`](crate::Error::tls_failure) says why and
            /// what to do.
            #[must_use]
            pub fn tls(mut self, tls: crate::Tls) -> Self {
                self.transport = self.transport.tls(tls);
                self
            }

            /// Which proxy the client uses. What the environment says unless set. Plain http never goes
            /// through one.
            #[must_use]
            pub fn proxy(mut self, proxy: crate::Proxy) -> Self {
                self.transport = self.transport.proxy(proxy);
                self
            }

            /// Longest time for opening a connection. 10 seconds unless set.
            #[must_use]
            pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.transport = self.transport.connect_timeout(limit);
                self
            }

            /// Longest time for one attempt, up to the answer's last byte. 35 seconds unless set.
            #[must_use]
            pub fn attempt_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.transport = self.transport.attempt_timeout(limit);
                self
            }

            /// Longest time for a whole call, its retries included. 60 seconds unless set.
            #[must_use]
            pub fn total_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.transport = self.transport.total_timeout(limit);
                self
            }

            /// How many attempts may follow the first. 3 unless set; with 0 nothing is sent twice, but for a
            /// request whose token was not accepted. What may be sent again at all, and
            /// when, is the table in [`raw::judgement`].
            #[must_use]
            pub fn retries(mut self, most: u32) -> Self {
                self.transport = self.transport.retries(most);
                self
            }

            /// Tells the time by another clock, for tests. All waiting goes by it.
            #[must_use]
            pub fn clock(mut self, clock: ::std::sync::Arc<dyn $crate::Clock>) -> Self {
                self.transport = self.transport.clock(clock);
                self
            }

            /// Spreads retries by another source of chance, for tests.
            #[must_use]
            pub fn random(mut self, random: ::std::sync::Arc<dyn $crate::Random>) -> Self {
                self.transport = self.transport.random(random);
                self
            }
        }
    };
}
pub(crate) use forwards_settings;
