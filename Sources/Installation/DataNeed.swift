/// What copies of data folders take, measured where they lie.
public struct DataNeed: Sendable, Equatable, Codable {
  public var bytes: Int64 = 0
  public var inodes: Int64 = 0
  /// The file system's number.
  public var device: UInt64 = 0
  public var freeBytes: Int64 = .max
  public var freeInodes: Int64 = .max

  public init() {}
}
