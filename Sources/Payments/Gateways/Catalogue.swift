// SPDX-License-Identifier: Apache-2.0

/// The gateways that are spoken here; a new one is one line.
package enum GatewayCatalogue {
    /// In the order they are offered.
    package static let all: [any Gateway] = [SandboxGateway(), StripeGateway(), AdyenGateway()]

    /// The one that speaks for accounts of this kind.
    package static func gateway(of kind: String) -> (any Gateway)? { all.first { $0.kind == kind } }

    /// The same, to be found by the kind of an account.
    package static let byKind: [String: any Gateway] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.kind, $0) })
}
