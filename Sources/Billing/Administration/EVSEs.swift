// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Changes of the unit that charges one car at a time.
package struct EVSEs: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What may be changed; nil leaves it as it is.
    package struct Changes: Sendable, Hashable {
        package var tariff: TariffID?
        package var currentType: CurrentType?
        package var powerMax: Power?
        package var connectors: [ConnectorType]?
        package var evseId: String?

        package init() {}
    }

    /// Changes an EVSE, if it still has the version that was read. Sessions that run keep the price they were quoted.
    package func change(_ id: EVSEID, _ changes: Changes, version: Int64, by author: Author) async throws
        -> EVSERecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var evse = try author.lock(EVSERecord.self, id, "EVSE", version: version, in: tx)
            try author.check(TariffRecord.self, changes.tariff, field: "/tariff", in: tx)
            evse.tariff = changes.tariff ?? evse.tariff
            evse.currentType = changes.currentType ?? evse.currentType
            evse.powerMax = changes.powerMax ?? evse.powerMax
            evse.connectors = changes.connectors ?? evse.connectors
            evse.evseId = changes.evseId ?? evse.evseId
            try tx.update(&evse)
            try author.note("evse.changed", id, with: desk, in: tx, at: now)
            tx.note(.evse, id.text)
            return evse
        }
    }
}
