//! Exports against the engines that will run them: the reference evaluator and the engine agree
//! on every request, and the engine is never wider.

mod admission;
mod agreement;
mod build;
mod cedar;
mod cedar_corpus;
mod clean_up;
mod cloud;
mod iam;
mod iam_approvals;
mod iam_corpus;
mod iam_documents;
mod iam_files;
mod iam_revoked;
mod kubernetes;
mod mutation;
mod projects;
mod proof;
mod rbac;
mod rego;
mod revoke;
mod tampering;
