// SPDX-License-Identifier: Apache-2.0

import JSONText
import Storage

/// A station's message as an operator may read it: all of it but passwords, and of tokens the last four characters.
struct ShownFrame {
    private static let tokens: Set<String> = ["idTag", "parentIdTag", "idToken", "groupIdToken", "uid"]
    private static let passwords: Set<String> = ["AuthorizationKey", "BasicAuthPassword"]

    /// The message; what is no JSON is not shown, for nobody knows what it holds.
    let text: String

    init(_ frame: FrameRecord) {
        // A message that cannot be read has its findings beside it.
        guard let json = try? JSON.parse(frame.body) else {
            text = "(\(frame.body.count) bytes)"
            return
        }
        text = Self.masked(json).text(sortedKeys: false)
    }

    private static func masked(_ json: JSON) -> JSON {
        switch json {
        case .array(let values): .array(values.map(masked))
        case .object(let members):
            .object(
                members.map { member in
                    JSON.Member(member.key, masked(member, among: members))
                })
        default: json
        }
    }

    private static func masked(_ member: JSON.Member, among members: [JSON.Member]) -> JSON {
        if case .string(let text) = member.value {
            if tokens.contains(member.key) { return .string("•••• " + text.suffix(4)) }
            if ["value", "attributeValue"].contains(member.key), members.contains(where: isPassword) {
                return .string("••••")
            }
        }
        return masked(member.value)
    }

    /// `"key": "AuthorizationKey"` (1.6), `"variable": {"name": "BasicAuthPassword"}` (2.x).
    private static func isPassword(_ member: JSON.Member) -> Bool {
        switch member.value {
        case .string(let name): passwords.contains(name)
        case .object(let inner): member.key == "variable" && inner.contains(where: isPassword)
        default: false
        }
    }
}
