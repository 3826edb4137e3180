// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What an integrator's tests may turn (api.md §3.12, decided.md Time): time, the Sandbox's faults and simulated chargers.
/// `App` gives one; without one, or beside a live organisation, everything here is refused.
package protocol TestControls: Sendable {
    /// Jumps ahead and carries out what became due in the Sandbox; returns the new time.
    func advance(by step: Elapsed) async throws -> Instant
    /// Arms faults for an organisation's gateway accounts.
    func arm(_ fault: TestFault, of organisation: OrganisationID) async throws
    /// The faults that can be armed by their ids of payments.md §10.
    var faults: [String] { get }
    /// Moves a simulated charger; it must be a station of that organisation.
    func move(_ identity: String, _ move: TestMove, of organisation: OrganisationID) async throws
        -> TestCharger
}

/// A fault that shall happen.
package enum TestFault: Hashable, Sendable {
    /// By its id, e.g. `F1`.
    case named(String)
    /// The next so many calls of an operation go wrong in this way.
    case operation(String, String, times: Int64)
    /// So many of 1,000 calls go wrong, drawn from a seed.
    case drawn(seed: UInt64, perMille: Int64)
}

/// What a simulated charger does next.
package enum TestMove: Hashable, Sendable {
    /// It is switched on and connects.
    case connect(version: String, power: Power, energyWanted: Energy, password: String?)
    /// A driver taps a card.
    case tap(String)
    /// The driver pulls the plug; the session ends.
    case unplug
    /// The connection is lost.
    case disconnect
    /// Nothing: only tell where it stands.
    case look
}

/// Where a simulated charger stands.
package struct TestCharger: Hashable, Sendable {
    package var identity: String
    package var isConnected: Bool
    /// A car is plugged in.
    package var isBusy: Bool
    package var register: Energy

    package init(identity: String, isConnected: Bool, isBusy: Bool, register: Energy) {
        self.identity = identity
        self.isConnected = isConnected
        self.isBusy = isBusy
        self.register = register
    }
}

/// Why a test control was not turned.
package enum TestRefusal: Error, Hashable {
    /// There is real money here.
    case liveOrganisation
    case unknownFault(String)
    /// No such station, or it is not simulated.
    case unknownCharger(String)
    /// What was asked cannot be done now.
    case notPossible(String)
}
