// SPDX-License-Identifier: Apache-2.0
import CPostgreSQL

/// The values of a statement as libpq takes them: texts that end with a zero, and raw bytes.
///
/// No types are sent: the server knows those of the columns (and needs `CAST` where there is no column).
struct PostgresValues {
    private var arena: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [SQLValue]) throws(StoreError) {
        for value in values {
            switch value {
            case .null:
                append(nil, isBinary: false)
            case .int(let number):
                append(String(number).utf8, isBinary: false)
            case .bool(let truth):
                append((truth ? "t" : "f").utf8, isBinary: false)
            case .text(let text):
                guard !text.utf8.contains(0) else { throw .zeroInText }
                append(text.utf8, isBinary: false)
            case .bytes(let bytes):
                append(bytes, isBinary: true)
            }
        }
    }

    private mutating func append(_ bytes: String.UTF8View, isBinary: Bool) {
        append(Array(bytes), isBinary: isBinary)
    }

    private mutating func append(_ bytes: [UInt8]?, isBinary: Bool) {
        offsets.append(bytes.map { _ in arena.count })
        lengths.append(Int32(bytes?.count ?? 0))
        formats.append(isBinary ? 1 : 0)
        if let bytes { arena += bytes + [0] }
    }

    /// Gives count, pointers, lengths and formats to one call.
    func withPointers(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) throws(StoreError) -> Void
    ) throws(StoreError) {
        try arena.withUnsafeBufferPointer { bytes throws(StoreError) in
            let start = UnsafeRawPointer(bytes.baseAddress)
            let pointers = offsets.map { offset in
                offset.flatMap { start?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            try pointers.withUnsafeBufferPointer { pointers throws(StoreError) in
                try lengths.withUnsafeBufferPointer { lengths throws(StoreError) in
                    try formats.withUnsafeBufferPointer { formats throws(StoreError) in
                        try body(
                            Int32(pointers.count), pointers.baseAddress, lengths.baseAddress,
                            formats.baseAddress)
                    }
                }
            }
        }
    }
}
