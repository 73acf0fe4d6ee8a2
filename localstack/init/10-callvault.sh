#!/bin/sh
# What callvault needs of S3 and KMS: a bucket, and a key that a tenant can register. A second run changes nothing.
# LocalStack runs it in its container once it is ready; elsewhere `aws` runs it, aimed by AWS_ENDPOINT_URL_S3 and _KMS.
set -eu

aws=$(command -v awslocal || command -v aws)
bucket=${CALLVAULT_BUCKET:-callvault}
alias=${CALLVAULT_KEY_ALIAS:-alias/customer/harbour-bank}
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}" AWS_PAGER=

if ! "$aws" s3api head-bucket --bucket "$bucket" >/dev/null 2>&1; then
  if [ "$AWS_DEFAULT_REGION" = us-east-1 ]; then
    "$aws" s3api create-bucket --bucket "$bucket" >/dev/null
  else
    "$aws" s3api create-bucket --bucket "$bucket" \
      --create-bucket-configuration "LocationConstraint=$AWS_DEFAULT_REGION" >/dev/null
  fi
fi

# An envelope that is re-wrapped keeps its older version until an erasure deletes them all.
"$aws" s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled

# Deletes only incomplete uploads, and only after a week: callvault aborts its own uploads long before.
"$aws" s3api put-bucket-lifecycle-configuration --bucket "$bucket" --lifecycle-configuration '{
  "Rules": [{
    "ID": "abort-forgotten-uploads",
    "Status": "Enabled",
    "Filter": { "Prefix": "" },
    "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 }
  }]
}' >/dev/null

# docs/operations/iam/bucket.json without TLS, which LocalStack does not use here.
"$aws" s3api put-bucket-policy --bucket "$bucket" --policy '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "WrittenOnce",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:PutObject",
      "Resource": [
        "arn:aws:s3:::'"$bucket"'/t/ten_*/r/rec_*",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/a/*/*.json",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/x/*/rec_*",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/x/*/evt_*",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/k/*.json",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/l/*",
        "arn:aws:s3:::'"$bucket"'/deployment/l/*"
      ],
      "Condition": {
        "Null": { "s3:if-none-match": "true" },
        "Bool": { "s3:ObjectCreationOperation": "true" }
      }
    },
    {
      "Sid": "LogsAreKept",
      "Effect": "Deny",
      "Principal": "*",
      "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
      "Resource": ["arn:aws:s3:::'"$bucket"'/t/ten_*/l/*", "arn:aws:s3:::'"$bucket"'/deployment/l/*"]
    },
    {
      "Sid": "ReplacedKnowingly",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:PutObject",
      "Resource": [
        "arn:aws:s3:::'"$bucket"'/t/ten_*/e/rec_*",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/tenant.json",
        "arn:aws:s3:::'"$bucket"'/t/ten_*/i/*.json"
      ],
      "Condition": {
        "Null": { "s3:if-none-match": "true", "s3:if-match": "true" },
        "Bool": { "s3:ObjectCreationOperation": "true" }
      }
    }
  ]
}'

arn() { "$aws" kms describe-key --key-id "$1" --query KeyMetadata.Arn --output text; }
if ! key=$(arn "$alias" 2>/dev/null); then
  key=$("$aws" kms create-key --description 'callvault: a key for a tenant to register' \
    --query KeyMetadata.Arn --output text)
  "$aws" kms enable-key-rotation --key-id "$key"
  "$aws" kms create-alias --alias-name "$alias" --target-key-id "$key"
fi

printf '{"bucket":"%s","key":"%s","alias":"%s"}\n' "$bucket" "$key" "$alias"
