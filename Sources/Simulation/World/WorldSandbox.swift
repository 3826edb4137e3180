// SPDX-License-Identifier: Apache-2.0

import JSONText

extension Sandbox {
    /// What the Sandbox has captured and not given back in all, minor units, by its own books.
    package static func kept(in books: some SandboxBooks) throws -> Int64 {
        try books.objects("payment").reduce(0) { sum, object in
            guard let payment = SandboxPayment(stored: object.body) else { return sum }
            return sum + payment.captured - payment.refunded
        }
    }
    /// What the Sandbox owes to a gateway account in all currencies, minor units, by its own books: what was captured, less
    /// what went back, its fees and its payouts.
    package static func balance(of account: String, in books: some SandboxBooks) throws -> Int64 {
        try books.objects("balance \(account)").reduce(0) { $0 + (Int64($1.body) ?? 0) }
    }
}
