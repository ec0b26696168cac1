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

            /// Longest time for a whole call. 60 seconds unless set.
            #[must_use]
            pub fn total_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.transport = self.transport.total_timeout(limit);
                self
            }
        }
    };
}
pub(crate) use forwards_settings;
