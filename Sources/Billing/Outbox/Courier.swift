// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Storage

/// Delivers parcels of one destination. It runs outside any transaction and tells the result by a `Billing` verb.
package protocol Courier: Sendable {
    /// Whose parcels it takes, e.g. `gateway`.
    var destination: String { get }
    /// Whether its receivers may take seconds: then it has a worker of its own, and keeps nobody else waiting.
    var isPatient: Bool { get }
    /// Brings one parcel to its receiver. Throwing means: not delivered, try again later.
    func deliver(_ parcel: ParcelRecord) async throws -> Delivered
}

extension Courier {
    package var isPatient: Bool { false }
}

/// What became of a parcel.
package enum Delivered: Hashable, Sendable {
    /// It is done; or its own attempt row decides what happens next.
    case done
    /// The courier has ended the lease itself, in the transaction that recorded what came of it.
    case recorded
    /// It must not be delivered any more.
    case withdrawn
    /// The receiver did not take it: look again then. The courier has its own pace.
    case later(Instant)
}
