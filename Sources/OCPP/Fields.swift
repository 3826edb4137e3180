// SPDX-License-Identifier: Apache-2.0
import JSONText

/// The members of one object of a payload that nobody has asked for yet.
struct Fields {
    /// What is left; in the end, what no schema knows.
    private(set) var remaining: [JSON.Member]
    /// Where the object stands.
    let place: Place

    init(_ members: [JSON.Member], at place: Place) {
        remaining = members
        self.place = place
    }

    /// Where a member stands, or would stand.
    func path(_ key: String) -> JSONPointer { place.pointer.appending(key) }

    /// Takes out the member of that name; the second result says that its key was in the wrong case.
    mutating func take(_ key: String) -> (value: JSON, misspelt: Bool)? {
        if let index = remaining.firstIndex(where: { $0.key == key }) {
            return (remaining.remove(at: index).value, false)
        }
        guard let index = remaining.firstIndex(where: { $0.key.equalsFolded(key) }) else { return nil }
        return (remaining.remove(at: index).value, true)
    }
}

/// The way to an object. Written out as a pointer only where there is something to say about it: most messages
/// give no cause.
indirect enum Place {
    case payload
    case member(String, of: Place)
    case element(Int, of: Place)

    var pointer: JSONPointer {
        switch self {
        case .payload: .root
        case .member(let key, let parent): parent.pointer.appending(key)
        case .element(let index, let parent): parent.pointer.appending(index)
        }
    }
}

extension String {
    /// The text with ASCII letters made small and all else left alone; how CiString is compared (1.6 §3.9).
    var asciiFolded: String {
        String(decoding: utf8.map(Self.folded), as: UTF8.self)
    }

    /// Whether two texts differ in the case of ASCII letters at most.
    func equalsFolded(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && utf8.elementsEqual(other.utf8) { Self.folded($0) == Self.folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
