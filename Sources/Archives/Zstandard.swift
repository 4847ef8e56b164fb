import CArchive

/// What compressing and decompressing share.
package enum Zstandard {
  /// A window of 16 MiB: what a device decodes in little memory.
  package static let windowLog: Int32 = 24

  /// Turns a failed call of libzstd into an error.
  package static func check(_ result: Int) throws(ArchiveError) {
    guard ZSTD_isError(result) == 0 else {
      throw ArchiveError(.library, nil, "zstd: " + String(cString: ZSTD_getErrorName(result)))
    }
  }
}
