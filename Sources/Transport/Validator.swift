/// What tells two versions of a file on a server apart, fit for If-Range (RFC 9110, 13.1.5).
enum Validator: Equatable {
  case entityTag(String)
  case lastModified(String)

  /// The strong ETag, else a Last-Modified at least a second older than the answer (a file may change twice in its last
  /// second); nil where neither is there.
  init?(entityTag: String?, lastModified: String?, date: String?) {
    if let entityTag, entityTag.count >= 2, entityTag.hasPrefix("\""), entityTag.hasSuffix("\"") {
      self = .entityTag(entityTag)
      return
    }
    guard let lastModified, let modified = HTTPDate.seconds(lastModified) else { return nil }
    if let date, let answered = HTTPDate.seconds(date), answered <= modified { return nil }
    self = .lastModified(lastModified)
  }

  /// The header's value.
  var text: String {
    switch self {
    case .entityTag(let tag): tag
    case .lastModified(let date): date
    }
  }
}
