// SPDX-License-Identifier: Apache-2.0

import CCairo
import Quantities

/// Draws a document on A4 pages with cairo and pango, into bytes in memory (swift.md §8).
///
/// All lengths are whole Pango units, 1/1024 of a point. The same document gives the same bytes with the same libraries and
/// fonts; because others may draw other bytes, an issued PDF is stored.
package enum PDF {
    /// The PDF could not be drawn.
    package enum Trouble: Error, Hashable {
        /// cairo's status.
        case cairo(status: UInt32)
        /// The document's link is too long for a QR code.
        case linkTooLong
    }

    /// The file's bytes.
    package static func bytes(of document: Document) throws(Trouble) -> [UInt8] {
        let code: QRCode?
        do throws(QRCode.TooLong) {
            code = try document.link.map { link throws(QRCode.TooLong) in try QRCode(link) }
        } catch {
            throw .linkTooLong
        }
        let output = Output()
        return try withExtendedLifetime(output) { () throws(Trouble) -> [UInt8] in
            try draw(document, code, into: output)
            return output.bytes
        }
    }

    /// Where cairo writes to.
    private final class Output {
        var bytes: [UInt8] = []
    }

    private static func draw(_ document: Document, _ code: QRCode?, into output: Output) throws(Trouble) {
        let write: cairo_write_func_t = { closure, data, length in
            guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
            let output = Unmanaged<Output>.fromOpaque(closure).takeUnretainedValue()
            output.bytes += UnsafeBufferPointer(start: data, count: Int(length))
            return CAIRO_STATUS_SUCCESS
        }
        let surface = amptill_pdf_surface(
            write, Unmanaged.passUnretained(output).toOpaque(), Sheet.width, Sheet.height)
        defer { cairo_surface_destroy(surface) }
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document.title)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, document.seller)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Amptill")
        // Without a date of its own cairo would write the present one, and no two renderings were the same.
        // cairo reads no fractions of a second.
        let issued = document.issuedAt.iso8601.prefix(19) + "Z"
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, String(issued))
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, String(issued))
        guard let context = cairo_create(surface) else {
            throw .cairo(status: CAIRO_STATUS_NO_MEMORY.rawValue)
        }
        var sheet = Sheet(context)
        sheet.draw(document, code)
        let status = cairo_status(context)
        cairo_destroy(context)
        cairo_surface_finish(surface)
        for status in [status, cairo_surface_status(surface)] where status != CAIRO_STATUS_SUCCESS {
            throw .cairo(status: status.rawValue)
        }
    }
}
