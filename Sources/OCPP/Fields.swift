// SPDX-License-Identifier: Apache-2.0
import JSONText

/// The members of one object of a payload that nobody has asked for yet.
struct Fields {
    /// What is left; in the end, what no schema knows.
    private(set) var remaining: [JSON.Member]
    /// Where the object stands.
    let path: JSONPointer

    init(_ members: [JSON.Member], at path: JSONPointer) {
        remaining = members
        self.path = path
    }

    /// Takes out the member of that name; the second result says that its key was in the wrong case.
    mutating func take(_ key: String) -> (value: JSON, misspelt: Bool)? {
        if let index = remaining.firstIndex(where: { $0.key == key }) {
            return (remaining.remove(at: index).value, false)
        }
        let folded = key.asciiFolded
        guard let index = remaining.firstIndex(where: { $0.key.asciiFolded == folded }) else { return nil }
        return (remaining.remove(at: index).value, true)
    }
}

extension String {
    /// The text with ASCII letters made small and all else left alone; how CiString is compared (1.6 §3.9).
    var asciiFolded: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
