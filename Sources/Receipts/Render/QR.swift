// SPDX-License-Identifier: Apache-2.0

import CQRencode

/// A QR code (ISO/IEC 18004, level M) as rows of modules, to be drawn as a picture of any kind.
package struct QRCode: Hashable, Sendable {
    /// Modules on each side, without the quiet zone.
    package let size: Int
    /// Row by row from the top left; true is dark.
    package let modules: [Bool]

    /// Modules of white that belong around it on each side.
    package static let quietZone = 4

    /// The text is too long for a code.
    package struct TooLong: Error, Hashable {}

    /// The code of a text. The same text gives the same modules.
    package init(_ text: String) throws(TooLong) {
        let bytes = Array(text.utf8)
        guard let code = QRcode_encodeData(Int32(clamping: bytes.count), bytes, 0, QR_ECLEVEL_M) else {
            throw TooLong()
        }
        defer { QRcode_free(code) }
        guard let data = code.pointee.data else { throw TooLong() }
        size = Int(code.pointee.width)
        // The lowest bit of a module's byte says whether it is dark.
        modules = UnsafeBufferPointer(start: data, count: size * size).map { $0 & 1 == 1 }
    }

    /// Whether a module is dark; outside the code none is.
    package subscript(row: Int, column: Int) -> Bool {
        guard (0..<size).contains(row), (0..<size).contains(column) else { return false }
        return modules[row * size + column]
    }

    /// The dark modules as runs in rows: fewer rectangles than modules.
    package var runs: [(row: Int, column: Int, length: Int)] {
        var runs: [(row: Int, column: Int, length: Int)] = []
        for row in 0..<size {
            var column = 0
            while column < size {
                let start = column
                while self[row, column] { column += 1 }
                if column > start { runs.append((row, start, column - start)) } else { column += 1 }
            }
        }
        return runs
    }

    /// The outline for an SVG of `viewBoxSide` modules on each side, quiet zone included.
    package var svgPath: String {
        runs.map { run in
            "M\(run.column + Self.quietZone) \(run.row + Self.quietZone)h\(run.length)v1h-\(run.length)z"
        }.joined()
    }

    /// Modules on each side with the quiet zone.
    package var viewBoxSide: Int { size + 2 * Self.quietZone }
}
