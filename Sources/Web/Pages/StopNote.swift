// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Why we ended a session, where it was by something that its driver agreed to before.
package enum StopNote: Hashable, Sendable {
    /// The cost came close to what was reserved.
    case cost(reserved: Money)
    /// The driver wanted no more energy.
    case energy(Energy)
    /// The driver wanted no more time.
    case duration(Elapsed)

    /// A sentence for the driver.
    func text(_ shown: Shown) -> String {
        switch self {
        case .cost(let reserved): shown.words(.stoppedAtCost, ["hold": shown.money(reserved)])
        case .energy(let limit): shown.words(.stoppedAtEnergy, ["energy": shown.energy(limit)])
        case .duration(let limit): shown.words(.stoppedAtDuration, ["duration": shown.duration(limit)])
        }
    }
}
