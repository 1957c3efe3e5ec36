"""IAM's operations: what they make, and at the end how it goes again."""

import json

from helpers import gatehouse

ACCOUNT = "123456789012"
NAME = "operations"
USER, GROUP, ROLE = {"UserName": NAME}, {"GroupName": NAME}, {"RoleName": NAME}
TAGS = [{"Key": "team", "Value": "data"}]
# Everything but what DecodeAuthorizationMessage is about.
EVERYTHING = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*"}],
})
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}],
})
# There is none of it: Terraform asks before it deletes a user.
OF_NOBODY = ("ListMFADevices", "ListSSHPublicKeys", "ListSigningCertificates", "ListServiceSpecificCredentials")
HOLDERS = {"User": USER, "Group": GROUP, "Role": ROLE}


def of_iam(steps):
    return [("iam", *step) for step in steps]


def key(answers):
    """The user's keys."""
    made = answers["CreateAccessKey"]["AccessKey"]
    return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}


def policy(answers):
    return {"PolicyArn": answers["CreatePolicy"]["Policy"]["Arn"]}


def access_key(answers):
    return {"AccessKeyId": answers["CreateAccessKey"]["AccessKey"]["AccessKeyId"]}


def making(server):
    return of_iam([*users(), *roles(), *policies(), *held(), *saml(server), *openid(), *account()])


def removing():
    return of_iam([*no_longer_held(), *removed()])


def users():
    yield "CreateUser", {**USER, "Path": "/operations/", "Tags": TAGS}
    yield "GetUser", USER
    yield "ListUsers", {"PathPrefix": "/operations/"}
    yield "UpdateUser", {**USER, "NewPath": "/changed/"}
    yield "TagUser", {**USER, "Tags": TAGS}
    yield "ListUserTags", USER
    yield "UntagUser", {**USER, "TagKeys": ["team"]}
    yield "CreateAccessKey", USER
    yield "ListAccessKeys", USER
    yield "GetAccessKeyLastUsed", access_key
    yield "CreateGroup", GROUP
    yield "GetGroup", GROUP
    yield "ListGroups", {}
    yield "UpdateGroup", {**GROUP, "NewPath": "/changed/"}
    yield "AddUserToGroup", {**GROUP, **USER}
    yield "ListGroupsForUser", USER


def roles():
    yield "CreateRole", {**ROLE, "AssumeRolePolicyDocument": TRUST, "Tags": TAGS}
    yield "GetRole", ROLE
    yield "ListRoles", {}
    yield "UpdateRole", {**ROLE, "MaxSessionDuration": 7200}
    yield "UpdateRoleDescription", {**ROLE, "Description": "d"}
    yield "UpdateAssumeRolePolicy", {**ROLE, "PolicyDocument": TRUST}
    yield "TagRole", {**ROLE, "Tags": TAGS}
    yield "ListRoleTags", ROLE
    yield "UntagRole", {**ROLE, "TagKeys": ["team"]}
    yield "CreateServiceLinkedRole", {"AWSServiceName": "redshift.amazonaws.com"}
    yield "DeleteServiceLinkedRole", {"RoleName": "AWSServiceRoleForRedshift"}
    yield "GetServiceLinkedRoleDeletionStatus", lambda a: {"DeletionTaskId": a["DeleteServiceLinkedRole"]["DeletionTaskId"]}


def policies():
    def version(answers):
        return {**policy(answers), "VersionId": "v2"}

    yield "CreatePolicy", {"PolicyName": NAME, "PolicyDocument": EVERYTHING, "Tags": TAGS}
    yield "GetPolicy", policy
    yield "ListPolicies", {"Scope": "Local"}
    yield "CreatePolicyVersion", lambda a: {**policy(a), "PolicyDocument": EVERYTHING}
    yield "GetPolicyVersion", version
    yield "ListPolicyVersions", policy
    yield "SetDefaultPolicyVersion", version
    yield "DeletePolicyVersion", lambda a: {**policy(a), "VersionId": "v1"}
    yield "TagPolicy", lambda a: {**policy(a), "Tags": TAGS}
    yield "ListPolicyTags", policy
    yield "UntagPolicy", lambda a: {**policy(a), "TagKeys": ["team"]}


def held():
    for kind, holder in HOLDERS.items():
        inline = {**holder, "PolicyName": NAME}
        yield f"Put{kind}Policy", {**inline, "PolicyDocument": EVERYTHING}
        yield f"Get{kind}Policy", inline
        yield f"List{kind}Policies", holder
        yield f"Attach{kind}Policy", lambda a, holder=holder: {**holder, **policy(a)}
        yield f"ListAttached{kind}Policies", holder
        if kind != "Group":
            yield f"Put{kind}PermissionsBoundary", lambda a, holder=holder: {**holder, "PermissionsBoundary": policy(a)["PolicyArn"]}
    yield "ListEntitiesForPolicy", policy


def saml(server):
    def provider(answers):
        return {"SAMLProviderArn": answers["CreateSAMLProvider"]["SAMLProviderArn"]}

    def metadata(_=None):
        target = server.data_dir.parent / "operations-metadata.xml"
        gatehouse(server, "idp", "app", "metadata", "amazon-redshift", "--out", target)
        return {"SAMLMetadataDocument": target.read_text()}

    yield "CreateSAMLProvider", lambda _: {"Name": NAME, **metadata()}
    yield "GetSAMLProvider", provider
    yield "ListSAMLProviders", {}
    yield "UpdateSAMLProvider", lambda a: {**provider(a), **metadata()}
    yield "TagSAMLProvider", lambda a: {**provider(a), "Tags": TAGS}
    yield "ListSAMLProviderTags", provider
    yield "UntagSAMLProvider", lambda a: {**provider(a), "TagKeys": ["team"]}
    yield "DeleteSAMLProvider", provider


def openid():
    def provider(answers):
        return {"OpenIDConnectProviderArn": answers["CreateOpenIDConnectProvider"]["OpenIDConnectProviderArn"]}

    thumbprints = {"ThumbprintList": ["0" * 40]}
    yield "CreateOpenIDConnectProvider", {"Url": "https://operations.example.com", "ClientIDList": ["one"], **thumbprints}
    yield "GetOpenIDConnectProvider", provider
    yield "ListOpenIDConnectProviders", {}
    yield "AddClientIDToOpenIDConnectProvider", lambda a: {**provider(a), "ClientID": "two"}
    yield "RemoveClientIDFromOpenIDConnectProvider", lambda a: {**provider(a), "ClientID": "two"}
    yield "UpdateOpenIDConnectProviderThumbprint", lambda a: {**provider(a), "ThumbprintList": ["1" * 40]}
    yield "TagOpenIDConnectProvider", lambda a: {**provider(a), "Tags": TAGS}
    yield "ListOpenIDConnectProviderTags", provider
    yield "UntagOpenIDConnectProvider", lambda a: {**provider(a), "TagKeys": ["team"]}
    yield "DeleteOpenIDConnectProvider", provider


def account():
    def source(answers):
        return {"PolicySourceArn": answers["CreateRole"]["Role"]["Arn"]}

    asked = {"ActionNames": ["redshift:DescribeClusters"]}
    yield "GetAccountSummary", {}
    yield "GetAccountAuthorizationDetails", {"Filter": ["User"]}
    yield "ListAccountAliases", {}
    yield from ((operation, USER) for operation in OF_NOBODY)
    yield "ListVirtualMFADevices", {}
    yield "ListInstanceProfilesForRole", ROLE
    yield "GetLoginProfile", USER
    yield "DeleteLoginProfile", USER
    yield "GetAccountPasswordPolicy", {}
    yield "SimulatePrincipalPolicy", lambda a: {**source(a), **asked}
    yield "SimulateCustomPolicy", {"PolicyInputList": [EVERYTHING], **asked}
    yield "GetContextKeysForPrincipalPolicy", source
    yield "GetContextKeysForCustomPolicy", {"PolicyInputList": [EVERYTHING]}


def no_longer_held():
    for kind, holder in HOLDERS.items():
        yield f"Delete{kind}Policy", {**holder, "PolicyName": NAME}
        yield f"Detach{kind}Policy", lambda a, holder=holder: {**holder, **policy(a)}
        if kind != "Group":
            yield f"Delete{kind}PermissionsBoundary", holder


def removed():
    yield "UpdateAccessKey", lambda a: {**USER, **access_key(a), "Status": "Inactive"}
    yield "DeleteAccessKey", lambda a: {**USER, **access_key(a)}
    yield "RemoveUserFromGroup", {**GROUP, **USER}
    yield "DeleteGroup", GROUP
    yield "DeleteUser", USER
    yield "DeleteRole", ROLE
    yield "DeletePolicy", policy
