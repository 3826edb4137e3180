// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// What a station was asked to do for a session, or before it for its checkout, oldest first.
    package func commands(of session: SessionID?, or checkout: CheckoutID?) throws -> [CommandRecord] {
        try all(
            CommandRecord.self, where: "session = $1 OR checkout = $2",
            [session.map { .text($0.text) } ?? .null, checkout.map { .text($0.text) } ?? .null],
            orderBy: "created_at, id")
    }
}
