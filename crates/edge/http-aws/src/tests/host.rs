//! Runs no warehouse, and remembers what it was told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base::Secret;
use base::id::{SnapshotId, WarehouseId};
use control::{Closing, CopyProgress, HostError, WarehouseHost, WarehouseRecord, WarehouseSettings, WarehouseSpec};

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

    async fn close_warehouse(&self, _: &WarehouseId, why: Closing) -> Result<(), HostError> {
        self.call(format!("close {why:?}"));
        Ok(())
    }

    async fn open_warehouse(&self, _: &WarehouseRecord) -> Result<(), HostError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(HostError::Failed("no engine can be opened".to_owned()));
        }
        self.call("open".to_owned());
        Ok(())
    }

    async fn take_snapshot(
        &self,
        _: &WarehouseId,
        _: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError> {
        progress.note(4 << 20, 4 << 20);
        self.call("snapshot".to_owned());
        Ok(4 << 20)
    }

    async fn copy_snapshot(&self, _: &SnapshotId, _: &SnapshotId) -> Result<(), HostError> {
        self.call("copy snapshot".to_owned());
        Ok(())
    }

    async fn remove_snapshot(&self, _: &SnapshotId) -> Result<(), HostError> {
        self.call("remove snapshot".to_owned());
        Ok(())
    }

    async fn restore(&self, _: &WarehouseRecord, _: &SnapshotId, _: &Arc<CopyProgress>) -> Result<(), HostError> {
        self.call("restore".to_owned());
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

    async fn end_unadmitted(&self, _: &WarehouseId) {
        self.call("end unadmitted".to_owned());
    }

    async fn apply_settings(&self, _: &WarehouseId, settings: &WarehouseSettings) {
        self.call(format!("settings {settings:?}"));
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
