//! One project bound to AWS and Kubernetes, whose exports are exact: what is taken away is seen too.

/// Its text.
pub const PROJECT: &str = r#"
session { environment: production | staging }
person ana { email "ana@acme.example" }
team ops { lead ana  members ana  contact "ops@acme.example" }
data records        { sensitivity internal }
data records.secret { sensitivity restricted }
data logs           { sensitivity internal }
purpose serve  { "Serve customers."    needs * }
purpose repair { "Repair what broke."  needs * }
tool s3.read {
  arg bucket: string
  arg key: string
  arg region?: string
  effect read
  reads records
  bind aws {
    actions  "s3:GetObject"
    resource "arn:aws:s3:::{args.bucket}/{args.key}"
    key      "aws:RequestedRegion" = args.region
  }
}
tool s3.write {
  arg bucket: string
  arg key: string
  arg acl?: string
  arg encrypted: bool = true
  effect write
  writes logs
  bind aws {
    actions  "s3:PutObject"
    resource "arn:aws:s3:::{args.bucket}/{args.key}"
    key      "s3:x-amz-acl" = args.acl
    key      "aws:SecureTransport" = args.encrypted
  }
}
tool s3.list {
  arg bucket: string
  arg prefix?: string
  arg most?: int
  arg from?: ip
  effect read
  reads logs
  bind aws {
    actions  "s3:ListBucket"
    resource "arn:aws:s3:::{args.bucket}"
    key      "s3:prefix" = args.prefix
    key      "s3:max-keys" = args.most
    key      "aws:SourceIp" = args.from
  }
}
tool table.item {
  arg table: string
  arg attributes: set<string>
  effect read
  reads logs
  bind aws {
    actions  "dynamodb:GetItem"
    resource "arn:aws:dynamodb:*:123456789012:table/{args.table}"
    key      "dynamodb:Attributes" = args.attributes
  }
}
tool fleet.look {
  arg region?: string
  touches nothing
  effect read
  bind aws { actions "ec2:DescribeInstances"  resource "*"  key "aws:RequestedRegion" = args.region }
}
tool pods.read {
  arg namespace: string
  arg name: string
  effect read
  reads logs
  bind kubernetes { verbs get  groups ""  resources "pods", "pods/log"  namespace args.namespace  name args.name }
}
tool pods.watch {
  arg namespace: agents | shop
  effect read
  reads logs
  bind kubernetes { verbs watch  groups ""  resources "pods"  namespace args.namespace }
}
tool apps.scale {
  arg namespace: agents | shop | bank
  arg name: string
  effect write
  writes logs
  bind kubernetes { verbs get, patch  groups "apps"  resources "deployments"  namespace args.namespace  name args.name }
}
tool secret.own {
  arg namespace: string
  effect read
  reads records.secret
  bind kubernetes { verbs get  groups ""  resources "secrets"  namespace args.namespace  name "own" }
}
tool nodes.look {
  effect read
  touches nothing
  bind kubernetes { verbs get, list  groups ""  resources "nodes"  namespace cluster }
}
agent server {
  owner ops
  identity aws-role   "arn:aws:iam::123456789012:role/server" for serve
  identity kubernetes "agents/server" for serve
}
agent mender {
  owner ops
  identity aws-role   "arn:aws:iam::123456789012:role/mender" for repair
  identity kubernetes "agents/mender" for repair
}
agent stopped {
  owner ops
  identity aws-role   "arn:aws:iam::123456789012:role/stopped" for serve
  suspended because "drill"
}
grant read {
  to server for serve
  allow s3.read where args.bucket == "blue" and args.key like "in/*" and args.region != "us-east-1"
  on    records
  starts  2026-03-01
  expires 2027-06-01
}
grant anywhere {
  to server for serve
  allow s3.read where args.bucket == "green"
  on    records
}
grant write {
  to server for serve
  allow s3.write where args.bucket == "blue" and args.acl == "private" and args.encrypted
  on    logs
}
grant list {
  to server for serve
  allow s3.list where args.most <= 100 and args.from in "10.0.0.0/8" and (not has args.prefix or args.prefix like "in/*")
  on    logs
}
grant items {
  to mender for repair
  allow table.item where args.table == "orders" or args.table like "users-*"
  on    logs
  ttl   1h
}
grant fleet {
  to mender for repair
  allow fleet.look where args.region in ("eu-west-1", "eu-central-1")
}
grant rest {
  to stopped for serve
  allow fleet.look
}
grant pods {
  to server for serve
  allow pods.read where args.namespace == "shop" and args.name in ("web-0", "web-1")
  allow pods.watch where args.namespace == shop
  on    logs
  expires 2027-06-01
}
grant scale {
  to mender for repair
  allow apps.scale where args.namespace != bank and args.name == "web"
  on    logs
}
grant secret {
  to mender for repair
  allow secret.own where args.namespace == "shop"
  on    records
}
grant nodes {
  to server for serve
  allow nodes.look
}
forbid far {
  tools s3.read
  when  args.bucket == "green" and args.region == "eu-north-1"
}
forbid logs-of-finance {
  tools s3.list
  when  args.bucket == "finance"
}
"#;
