import FoundationEssentials

/// The side file of a partial download: which version of the server's file the bytes come from, and how many of them
/// are known to be on the disk. JSON, schema `slipway.resume/1`.
struct ResumeRecord: Codable, Equatable {
  static let schema = "slipway.resume/1"
  /// Larger side files are not ours.
  static let maximumLength = 16 << 10

  var schema = Self.schema
  var entityTag: String?
  var lastModified: String?
  /// Bytes flushed to the disk.
  var length: Int64

  init(validator: Validator, length: Int64) {
    switch validator {
    case .entityTag(let tag): entityTag = tag
    case .lastModified(let date): lastModified = date
    }
    self.length = length
  }

  /// nil for what is not a whole record: the download then starts anew.
  init?(parsing bytes: [UInt8]) {
    guard let record = try? JSONDecoder().decode(ResumeRecord.self, from: Data(bytes)), record.schema == Self.schema,
      record.length >= 0
    else { return nil }
    self = record
  }

  var validator: Validator? { Validator(entityTag: entityTag, lastModified: lastModified, date: nil) }

  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }
}
