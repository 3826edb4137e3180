// SPDX-License-Identifier: Apache-2.0
import Charging
import Quantities

/// Sessions as the API meets them.
enum SessionFixture {
    /// A session of which nothing is known yet.
    static let empty = Session(folding: [], under: SessionRules(powerMax: nil))
}
