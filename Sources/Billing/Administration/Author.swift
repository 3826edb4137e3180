// SPDX-License-Identifier: Apache-2.0
package import Quantities
import Storage
package import Tariffs

/// Who asks for a change; every change of the administration is written into the audit log with it.
package struct Author: Sendable, Hashable {
    /// The tenant whose objects may be changed.
    package let organisation: OrganisationID
    /// A key's id, `command line`, or `server`.
    package let name: String
    /// The request's id, if there was one.
    package let request: String?

    package init(organisation: OrganisationID, name: String, request: String? = nil) {
        self.organisation = organisation
        self.name = name
        self.request = request
    }

    /// Writes down what was done.
    func note(
        _ action: String, _ object: some CustomStringConvertible, because reason: String? = nil,
        with desk: Desk,
        in tx: Tx, at now: Instant
    ) throws {
        try tx.insert(
            AuditRecord(
                id: desk.ids.new(at: now), organisation: organisation, actor: name, action: action,
                object: object.description, reason: reason, request: request, at: now))
    }

    /// The row if it is there and the author's, held until the transaction ends.
    func lock<R: OwnedRecord>(_ type: R.Type, _ id: some CustomStringConvertible, _ what: String, in tx: Tx)
        throws
        -> R
    {
        guard let row = try tx.lock(type, id: id), row.organisation == organisation else {
            throw AdministrationRefusal.notFound(what)
        }
        return row
    }

    /// The same, of the version the author has read.
    func lock<R: OwnedRecord & VersionedRecord>(
        _ type: R.Type, _ id: some CustomStringConvertible, _ what: String, version: Int64, in tx: Tx
    ) throws -> R {
        let row = try lock(type, id, what, in: tx)
        guard row.version == version else {
            throw AdministrationRefusal.versionConflict(current: row.version)
        }
        return row
    }

    /// Checks that an object that a new row names is the author's.
    func check<R: OwnedRecord>(
        _ type: R.Type, _ id: (some CustomStringConvertible)?, field: String, in tx: Tx
    ) throws {
        guard let id else { return }
        guard try tx.find(type, id)?.organisation == organisation else {
            throw AdministrationRefusal.invalid(field: field, "There is no \(id).")
        }
    }
}

/// Why a change of the administration was refused.
package enum AdministrationRefusal: Error, Hashable {
    /// It is not there, or somebody else's.
    case notFound(String)
    /// It was changed since it was read.
    case versionConflict(current: Int64)
    /// A field has a value that cannot be; `field` is a JSON Pointer into the wish.
    case invalid(field: String, String)
    /// The thing's state does not allow it.
    case invalidState(String, allowed: [String])
    /// A token with this UID belongs to an account already.
    case tokenAlreadyBound
    /// The tariff cannot be published.
    case tariffHasErrors([Finding])
    /// Two currencies where one is meant.
    case currencyMismatch(Currency, Currency)
    /// An opening of more than anybody means.
    case amountTooLarge(maximum: Money)
}
