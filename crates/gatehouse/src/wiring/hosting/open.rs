//! Which warehouses are open, and which one a connection is for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base::id::WarehouseId;
use control::{Control, RouteRefusal};
use query::{CancelKeys, NoWarehouse, Warehouse, Warehouses};

/// Every warehouse that should be open, by id.
#[derive(Debug, Default)]
pub(crate) struct OpenWarehouses {
    slots: RwLock<HashMap<WarehouseId, Slot>>,
    cancel_keys: Arc<CancelKeys>,
}

#[derive(Debug, Clone)]
enum Slot {
    Open(Arc<Warehouse>),
    Broken(Broken),
}

/// A warehouse that couldn't be opened when the server started.
#[derive(Debug, Clone)]
struct Broken {
    name: String,
    cause: String,
}

impl OpenWarehouses {
    pub(crate) fn get(&self, id: &WarehouseId) -> Option<Arc<Warehouse>> {
        match self.read().get(id) {
            Some(Slot::Open(warehouse)) => Some(Arc::clone(warehouse)),
            Some(Slot::Broken(_)) | None => None,
        }
    }

    /// In no order.
    pub(crate) fn all(&self) -> Vec<Arc<Warehouse>> {
        let slots = self.read();
        let open = slots.values().filter_map(|slot| match slot {
            Slot::Open(warehouse) => Some(Arc::clone(warehouse)),
            Slot::Broken(_) => None,
        });
        open.collect()
    }

    /// One line for each warehouse that is out of service; empty where all work.
    pub(crate) fn out_of_service(&self) -> Vec<String> {
        let slots = self.read();
        let broken = slots.values().filter_map(|slot| match slot {
            Slot::Open(warehouse) if warehouse.is_usable() => None,
            Slot::Open(warehouse) => Some(format!("the warehouse {} had an internal error", warehouse.name())),
            Slot::Broken(Broken { name, cause: _ }) => Some(format!("the warehouse {name} can't be opened")),
        });
        let mut lines: Vec<_> = broken.collect();
        lines.sort_unstable();
        lines
    }

    pub(crate) fn put(&self, warehouse: Arc<Warehouse>) {
        self.write().insert(warehouse.id().clone(), Slot::Open(warehouse));
    }

    /// `cause` is for the log.
    pub(crate) fn put_broken(&self, id: WarehouseId, name: String, cause: String) {
        self.write().insert(id, Slot::Broken(Broken { name, cause }));
    }

    /// Takes it out: from now on nobody finds it. Answers it where it was open.
    pub(crate) fn remove(&self, id: &WarehouseId) -> Option<Arc<Warehouse>> {
        match self.write().remove(id) {
            Some(Slot::Open(warehouse)) => Some(warehouse),
            Some(Slot::Broken(_)) | None => None,
        }
    }

    /// Lets go of all of them.
    pub(crate) fn clear(&self) {
        self.write().clear();
    }

    pub(crate) const fn cancel_keys(&self) -> &Arc<CancelKeys> {
        &self.cancel_keys
    }

    fn find(&self, id: &WarehouseId) -> Result<Arc<Warehouse>, NoWarehouse> {
        let out_of_service = |name: String, log: String| Err(NoWarehouse::OutOfService { name, log });
        match self.read().get(id).cloned() {
            Some(Slot::Open(warehouse)) => Ok(warehouse),
            Some(Slot::Broken(Broken { name, cause })) => out_of_service(name, cause),
            None => out_of_service(id.to_string(), "it is being opened or closed".to_owned()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<WarehouseId, Slot>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<WarehouseId, Slot>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The control plane's routes, over the open warehouses.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) control: Arc<Control>,
    pub(crate) open: Arc<OpenWarehouses>,
}

impl Warehouses for Routes {
    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Arc<Warehouse>, NoWarehouse> {
        let id = self.control.admit(server_name, port, peer).map_err(|refusal| match refusal {
            RouteRefusal::Unknown { server_name } => NoWarehouse::Unknown { server_name },
            RouteRefusal::NotAvailable { server_name } => NoWarehouse::NotAvailable { server_name },
            RouteRefusal::Nothing => NoWarehouse::Nothing { port },
            RouteRefusal::NotPublic { peer } => NoWarehouse::NotPublic { peer },
        })?;
        let warehouse = self.open.find(&id)?;
        if let Some(record) = self.control.warehouse(&id) {
            warehouse.rename(&record.name);
        }
        Ok(warehouse)
    }

    fn cancel_keys(&self) -> &CancelKeys {
        self.open.cancel_keys()
    }
}
