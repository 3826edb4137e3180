// SPDX-License-Identifier: Apache-2.0
import Digests
import JSONText

extension CardNumbers {
    /// Refuses a document that holds one anywhere; the answer names the place and never the number.
    static func refuse(in value: JSON, at place: JSONPointer = .root) throws(Problem) {
        switch value {
        case .string(let text), .number(let text):
            guard areIn(text) else { return }
            throw Problem(
                .cardNumberInRequest, "This looks like a card number. Nothing was stored.", at: place)
        case .array(let values):
            for (index, value) in values.enumerated() { try refuse(in: value, at: place.appending(index)) }
        case .object(let members):
            for member in members {
                guard !areIn(member.key) else {
                    throw Problem(.cardNumberInRequest, "A key looks like a card number. Nothing was stored.")
                }
                try refuse(in: member.value, at: place.appending(member.key))
            }
        case .null, .bool: return
        }
    }
}
