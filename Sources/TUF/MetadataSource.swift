/// Where new metadata comes from: a directory, a bundle, a web server. Nothing that it returns is trusted.
public protocol MetadataSource: Sendable {
  /// The bytes of the file `name`, or nil when the source says that there is none.
  ///
  /// `name` is one path component, such as "timestamp.json", "3.root.json" or "7.team%2Fa.json": the role in it is
  /// percent-encoded already. A file of more than `maximumLength` bytes must not be read whole: throw
  /// `TUFError(.tooLong)`. Other errors say that the source could not be read and end the update. The task is cancelled
  /// when time is up.
  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]?
}

/// The local trusted metadata, each file byte for byte as it was received.
///
/// `role` is the bare name, "root" or "room-agent-rollout", and may be any string: an implementation over files must
/// encode it.
public protocol MetadataStore: Sendable {
  /// Keeps other clients from the store until the result is gone; nil while another one holds it. Whoever stores or
  /// removes holds it from the first `load` on, or it could put an older file in the place of a newer one.
  func lock() throws -> StoreLock?
  /// Nil when nothing is stored for `role`.
  func load(_ role: String) throws -> [UInt8]?
  /// Replaces the file atomically and returns once it is on the disk.
  func store(_ role: String, _ bytes: [UInt8]) throws
  /// Removes the file if there is one; once this returns it is gone from the disk.
  func remove(_ role: String) throws
}
