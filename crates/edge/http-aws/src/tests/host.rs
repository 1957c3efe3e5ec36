//! Runs no warehouse, and remembers what it was told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use base::Secret;
use base::id::WarehouseId;
use control::{HostError, WarehouseHost, WarehouseSpec};

/// A port that another program has.
pub(super) const PORT_IN_USE: u16 = 5999;

#[derive(Debug, Default)]
pub(super) struct FakeHost {
    calls: Mutex<Vec<String>>,
    /// Whether no engine can be opened.
    pub(super) broken: AtomicBool,
}

impl FakeHost {
    /// What it was told since this was last asked.
    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    fn call(&self, text: String) {
        self.calls.lock().unwrap().push(text);
    }
}

fn check(password: &Secret<String>) -> Result<(), HostError> {
    if password.expose().len() < 8 { Err(HostError::Invalid("The password is too short.".to_owned())) } else { Ok(()) }
}

#[async_trait::async_trait]
impl WarehouseHost for FakeHost {
    fn is_in_service(&self, _: &WarehouseId) -> bool {
        !self.broken.load(Ordering::Relaxed)
    }

    async fn create(&self, spec: &WarehouseSpec) -> Result<(), HostError> {
        check(&spec.admin_password)?;
        let provider = spec.identity_provider.as_ref().map(|provider| format!(" {}", provider.namespace));
        self.call(format!("create {} {}{}", spec.database, spec.admin_username, provider.unwrap_or_default()));
        Ok(())
    }

    async fn delete(&self, _: &WarehouseId) -> Result<(), HostError> {
        self.call("delete".to_owned());
        Ok(())
    }

    async fn set_admin_password(
        &self,
        _: &WarehouseId,
        username: &str,
        password: &Secret<String>,
    ) -> Result<(), HostError> {
        check(password)?;
        self.call(format!("password {username} {}", password.expose()));
        Ok(())
    }

    async fn end_sessions(&self, _: &WarehouseId) {
        self.call("end sessions".to_owned());
    }

    async fn end_public_sessions(&self, _: &WarehouseId) {
        self.call("end public sessions".to_owned());
    }

    async fn listen(&self, port: u16) -> Result<(), HostError> {
        if port == PORT_IN_USE {
            return Err(HostError::PortInUse { port, cause: "address in use".to_owned() });
        }
        self.call(format!("listen {port}"));
        Ok(())
    }

    async fn close(&self, port: u16) {
        self.call(format!("close {port}"));
    }
}
