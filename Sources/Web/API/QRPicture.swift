// SPDX-License-Identifier: Apache-2.0
import CQRencode

/// A QR code as an SVG picture (ISO/IEC 18004; level M, four modules of quiet zone).
enum QRPicture {
    /// The text is too long for a code.
    struct TooLong: Error {}

    /// The picture of a text. The same text gives the same bytes.
    static func svg(of text: String) throws -> String {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { throw TooLong() }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let modules = code.pointee.data else { throw TooLong() }
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                // The lowest bit of a module says whether it is black.
                guard modules[row * width + column] & 1 == 1 else {
                    column += 1
                    continue
                }
                let start = column
                while column < width, modules[row * width + column] & 1 == 1 { column += 1 }
                path += "M\(start + 4) \(row + 4)h\(column - start)v1h-\(column - start)z"
            }
        }
        let side = width + 8
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
            <rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }
}
