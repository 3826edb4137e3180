// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Payments
package import Quantities
package import Storage

/// What every verb works with. `App` makes one; a verb is a small struct around it.
///
/// A verb loads, decides, saves and enqueues inside one transaction; the closure of a transaction may be run again
/// after a conflict, so it touches nothing but its `tx` and values made before.
package struct Desk: Sendable {
    /// All state.
    package let store: Store
    /// The one clock (decided.md, Time).
    package let clock: WallClock
    /// New identifiers and random numbers.
    package let ids: IDSource
    /// Reads the rules of an IANA zone over a span, for the pure rater.
    package let zones: any ZoneReader
    /// The gateways this installation can speak to, by kind.
    package let gateways: [String: any Gateway]
    /// Which gateway accounts are left alone because they do not answer.
    package let breakers = Breakers()
    /// What the operator of the installation decided.
    package let settings: Settings
    /// Where troubles are written; never tokens, secrets or frames.
    package let log: Logger

    package init(
        store: Store, clock: WallClock, ids: IDSource, zones: any ZoneReader, gateways: [String: any Gateway],
        settings: Settings, log: Logger
    ) {
        self.store = store
        self.clock = clock
        self.ids = ids
        self.zones = zones
        self.gateways = gateways
        self.settings = settings
        self.log = log
        store.tellEvents { clock.now }
    }
}

/// What the operator of the installation decided at the start (flags and environment; read in `App`).
package struct Settings: Sendable, Hashable {
    /// Where browsers and chargers find us, without a slash at the end.
    package var publicURL: String
    /// What happens to a station nobody knows.
    package var unknownStations: UnknownStations
    /// The name of this node; leases carry it.
    package var node: String
    /// Whether stations of security profile 0 (no password) are let in.
    package var allowInsecure: Bool
    /// Whether people and programs may only look: for the time of a move or a repair. Chargers and gateways are heard.
    package var isReadOnly = false
    /// Whether events may be sent to private addresses and without TLS.
    package var allowsPrivateWebhooks: Bool
    /// Whether there is a mail server. Without one no mail is put on its way.
    package var sendsMail = false

    package init(
        publicURL: String, unknownStations: UnknownStations = .pending, node: String = "one",
        allowInsecure: Bool = true, allowsPrivateWebhooks: Bool = false
    ) {
        self.publicURL = publicURL
        self.unknownStations = unknownStations
        self.node = node
        self.allowInsecure = allowInsecure
        self.allowsPrivateWebhooks = allowsPrivateWebhooks
    }
}

/// The policy for stations nobody knows (charging.md §1).
package enum UnknownStations: Sendable, Hashable {
    /// 404, and forgotten.
    case refuse
    /// 404, and listed for the operator.
    case pending
    /// Made at once on this site, with EVSE 1 on the site's tariff. Test organisations only.
    case admit(SiteID)
}
