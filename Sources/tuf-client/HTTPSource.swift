import TUF
import Transport

/// A repository's metadata below one URL.
struct HTTPSource: MetadataSource {
  let base: String
  let downloader: Downloader

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    do {
      return try await downloader.small(name, from: [base], maximumLength: maximumLength)
    } catch let error where error.code == .tooLarge {
      throw TUFError(.tooLong, error.description)
    }
  }
}
