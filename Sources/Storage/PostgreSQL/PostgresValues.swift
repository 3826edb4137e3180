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
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        formats.reserveCapacity(values.count)
        for value in values {
            switch value {
            case .null: note(nil, count: 0, isBinary: false)
            case .int(let number): append(String(number))
            case .bool(let truth): append(truth ? "t" : "f")
            case .text(let text): if append(text).contains(0) { throw .zeroInText }
            case .bytes(let bytes):
                note(arena.count, count: bytes.count, isBinary: true)
                arena += bytes
                arena.append(0)
            }
        }
    }

    /// Adds a text; returns its bytes as they lie there now.
    @discardableResult
    private mutating func append(_ text: String) -> ArraySlice<UInt8> {
        let start = arena.count
        arena.append(contentsOf: text.utf8)
        let end = arena.count
        note(start, count: end - start, isBinary: false)
        arena.append(0)
        return arena[start..<end]
    }

    private mutating func note(_ offset: Int?, count: Int, isBinary: Bool) {
        offsets.append(offset)
        lengths.append(Int32(count))
        formats.append(isBinary ? 1 : 0)
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
