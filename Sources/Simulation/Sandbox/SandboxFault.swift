// SPDX-License-Identifier: Apache-2.0

import JSONText

/// What can go wrong between a merchant and a gateway.
package enum SandboxFault: String, Hashable, Sendable, CaseIterable {
    /// The request never arrived.
    case lostRequest = "lost_request"
    /// It was carried out, and the answer got lost.
    case lostAnswer = "lost_answer"
    /// It was carried out; the answer is a 500, now and for the same key again.
    case savedError = "saved_error"
    /// Too many requests: not carried out.
    case busy
    /// Another request with this key is still being worked on, says the gateway.
    case keyInUse = "key_in_use"
    /// Carried out, and told with a word nobody has heard of.
    case oddWord = "odd_word"
    /// Carried out, and told after 30 s.
    case slow
    /// Carried out, and told by webhook only.
    case accepted

    /// What is answered although nothing is done; nil where it is done.
    var insteadOfDoing: Sandbox.Response? {
        switch self {
        case .lostRequest: Sandbox.Response(status: 0, headers: [:], body: [], isLost: true)
        case .busy: .json(429, ["error": "busy"])
        case .keyInUse: .json(409, ["error": "key_in_use"])
        case .lostAnswer, .savedError, .oddWord, .slow, .accepted: nil
        }
    }

    /// What becomes of the answer to something that was done. A refusal is told as it is.
    func answer(insteadOf answer: Sandbox.Response, reference: String) -> Sandbox.Response {
        guard (200..<300).contains(answer.status) || answer.status == 402 else { return answer }
        var answer = answer
        switch self {
        case .lostAnswer: answer.isLost = true
        case .savedError: answer = .json(500, ["error": "internal"])
        case .oddWord:
            answer = .json(200, ["status": "frobnicated", "reference": .string(reference)])
        case .slow: answer.delaySeconds = 30
        case .accepted: answer = .json(202, ["status": "accepted"])
        case .lostRequest, .busy, .keyInUse: break
        }
        return answer
    }
}

/// A fault that waits for its moment.
package struct ArmedFault: Hashable, Sendable {
    /// The operation it waits for, e.g. `capture`; `any` for whatever comes, `page` for the next visit of the hosted page.
    package var operation: String
    /// What goes wrong; or the instrument that the next visitor of the page will have used.
    package var what: String
    /// How many more times.
    package var times: Int64

    package init(operation: String, what: String, times: Int64 = 1) {
        self.operation = operation
        self.what = what
        self.times = times
    }

    /// The faults of payments.md §10 that happen at a gateway; nil for those that happen elsewhere.
    package static func named(_ id: String) -> ArmedFault? { catalogue[id] }

    /// Their names.
    package static var names: [String] { catalogue.keys.sorted() }

    private static let catalogue: [String: ArmedFault] = [
        "F1": ArmedFault(operation: "authorize", what: "lost_answer"),
        "F2": ArmedFault(operation: "authorize", what: "lost_request"),
        "F3": ArmedFault(operation: "capture", what: "saved_error"),
        "F4": ArmedFault(operation: "capture", what: "key_in_use"),
        "F6": ArmedFault(operation: "capture", what: "lost_answer"),
        "F7": ArmedFault(operation: "capture", what: "lost_answer"),
        "F8": ArmedFault(operation: "page", what: "capture_fails_later"),
        "F9": ArmedFault(operation: "page", what: "increment_declined"),
        "F10": ArmedFault(operation: "adjust", what: "lost_answer"),
        "F11": ArmedFault(operation: "page", what: "partial_15"),
        "F12": ArmedFault(operation: "page", what: "expires_early"),
        "F13": ArmedFault(operation: "page", what: "short_window"),
        "F15": ArmedFault(operation: "any", what: "busy", times: 5),
        "F16": ArmedFault(operation: "any", what: "lost_request", times: 10),
        "F18": ArmedFault(operation: "capture", what: "odd_word"),
        "F21": ArmedFault(operation: "page", what: "webhook_twice"),
        "F22": ArmedFault(operation: "page", what: "webhook_first"),
        "F23": ArmedFault(operation: "page", what: "webhook_shuffled"),
        "F28": ArmedFault(operation: "page", what: "webhook_lost"),
        "F64": ArmedFault(operation: "page", what: "disputed"),
    ]
}

extension Sandbox {
    /// Arms a fault for the next calls of a merchant.
    package func arm(_ fault: ArmedFault, for account: String, books: some SandboxBooks) throws {
        var armed = try Self.armed(for: account, books: books)
        armed.append(fault)
        try Self.save(armed, for: account, books: books)
    }

    /// Draws faults from a seed from now on: so many of 1,000 calls go wrong, each key always in the same way.
    package func drawFaults(seed: UInt64, perMille: Int64, for account: String, books: some SandboxBooks)
        throws
    {
        let drawn: JSON = ["seed": .string(String(seed)), "per_mille": JSON(perMille)]
        try books.save("seed", account, drawn.text())
    }

    /// The first armed fault for this operation, which is then one use poorer.
    static func take(_ operation: String, for account: String, books: some SandboxBooks) throws -> String? {
        var armed = try armed(for: account, books: books)
        let isCall = operation != "page"
        guard
            let place = armed.firstIndex(where: {
                $0.operation == operation || isCall && $0.operation == "any"
            })
        else { return nil }
        armed[place].times -= 1
        let what = armed[place].what
        armed.removeAll { $0.times <= 0 }
        try save(armed, for: account, books: books)
        return what
    }

    /// What the seed says of this call.
    static func drawn(_ key: String, for account: String, books: some SandboxBooks) throws -> SandboxFault? {
        // What cannot be read counts as not stored.
        guard let text = try books.object("seed", account), let drawn = try? JSON.parse(Array(text.utf8)),
            let seed = drawn["seed"]?.string.flatMap({ UInt64($0) }), let share = drawn["per_mille"]?.int64
        else { return nil }
        var mixed = seed
        for byte in key.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed ^= mixed >> 27
        guard Int64(mixed % 1000) < share else { return nil }
        let all = SandboxFault.allCases
        return all[Int(mixed / 1000 % UInt64(all.count))]
    }

    private static func armed(for account: String, books: some SandboxBooks) throws -> [ArmedFault] {
        // What cannot be read counts as not stored.
        guard let text = try books.object("faults", account), let stored = try? JSON.parse(Array(text.utf8))
        else { return [] }
        return (stored.array ?? []).compactMap { item in
            guard let operation = item["operation"]?.string, let what = item["what"]?.string else {
                return nil
            }
            return ArmedFault(operation: operation, what: what, times: item["times"]?.int64 ?? 1)
        }
    }

    private static func save(_ armed: [ArmedFault], for account: String, books: some SandboxBooks) throws {
        let stored = JSON.array(
            armed.map {
                ["operation": .string($0.operation), "what": .string($0.what), "times": JSON($0.times)]
            })
        try books.save("faults", account, stored.text())
    }
}
