"""Every operation that is carried out, once with right input, in an order in which each finds what it needs.

A step is (service, operation, parameters); parameters may be a function of what earlier steps answered (`answers[operation]`). Where
it isn't for root, a function of the same says fourth whose keys it is called with.
"""

import operations_iam
import operations_sts
from helpers import aws
from oauth import REDIRECT, Flow
from operations_ec2 import ec2
from operations_redshift import redshift

ACTOR_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}
    ],
}
REFRESH = "refresh_token"


def steps(server, store, instance):
    """The directory's and IAM's operations share names: what the one's later steps need is asked for before the other's begin."""
    key = operations_iam.key
    center_and_directory = [*organizations(), *directory(store), *center(instance), *oauth(server), *closing_center(), *leaving(store)]
    by_users = [*operations_iam.making(server), *operations_sts.by_a_user(server, key), *redshift(server, instance, key), *serverless(key)]
    return [*operations_sts.sts(server), *center_and_directory, *by_users, *operations_iam.removing(), *ec2(), *cloudtrail()]


def clean_up(server):
    """What a step made beside what its operation made."""
    operations_sts.after(server)


def organizations():
    account = "123456789012"

    def root(answers):
        return answers["ListRoots"]["Roots"][0]["Id"]

    for operation, parameters in (
        ("DescribeOrganization", {}),
        ("ListAccounts", {}),
        ("DescribeAccount", {"AccountId": account}),
        ("ListRoots", {}),
        ("ListAccountsForParent", lambda a: {"ParentId": root(a)}),
        ("ListParents", {"ChildId": account}),
        ("ListChildren", lambda a: {"ParentId": root(a), "ChildType": "ACCOUNT"}),
        ("ListOrganizationalUnitsForParent", lambda a: {"ParentId": root(a)}),
        ("ListDelegatedAdministrators", {}),
        ("ListAWSServiceAccessForOrganization", {}),
        ("ListTagsForResource", {"ResourceId": account}),
    ):
        yield "organizations", operation, parameters


def directory(store):
    def of(**more):
        return {"IdentityStoreId": store, **more}

    def user(answers):
        return answers["CreateUser"]["UserId"]

    def group(answers):
        return answers["CreateGroup"]["GroupId"]

    def membership(answers):
        return answers["CreateGroupMembership"]["MembershipId"]

    new = of(UserName="operations", DisplayName="Op", Name={"GivenName": "O", "FamilyName": "P"}, Emails=[{"Value": "op@example.com", "Primary": True}])
    unique = {"AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "operations"}}}
    named = {"AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "operations"}}}
    for operation, parameters in (
        ("ListIdentityStores", {}),
        ("DescribeIdentityStore", of()),
        ("CreateUser", new),
        ("DescribeUser", lambda a: of(UserId=user(a))),
        ("UpdateUser", lambda a: of(UserId=user(a), Operations=[{"AttributePath": "title", "AttributeValue": "Clerk"}])),
        ("ListUsers", of()),
        ("GetUserId", of(**unique)),
        ("CreateGroup", of(DisplayName="operations", Description="d")),
        ("DescribeGroup", lambda a: of(GroupId=group(a))),
        ("UpdateGroup", lambda a: of(GroupId=group(a), Operations=[{"AttributePath": "description", "AttributeValue": "e"}])),
        ("ListGroups", of()),
        ("GetGroupId", of(**named)),
        ("CreateGroupMembership", lambda a: of(GroupId=group(a), MemberId={"UserId": user(a)})),
        ("DescribeGroupMembership", lambda a: of(MembershipId=membership(a))),
        ("GetGroupMembershipId", lambda a: of(GroupId=group(a), MemberId={"UserId": user(a)})),
        ("ListGroupMemberships", lambda a: of(GroupId=group(a))),
        ("ListGroupMembershipsForMember", lambda a: of(MemberId={"UserId": user(a)})),
        ("IsMemberInGroups", lambda a: of(MemberId={"UserId": user(a)}, GroupIds=[group(a)])),
        ("DeleteGroupMembership", lambda a: of(MembershipId=membership(a))),
        ("DeleteGroup", lambda a: of(GroupId=group(a))),
    ):
        yield "identitystore", operation, parameters


def center(instance):
    def app(answers):
        return {"ApplicationArn": answers["CreateApplication"]["ApplicationArn"]}

    def assignment(answers):
        return {**app(answers), "PrincipalType": "USER", "PrincipalId": answers["CreateUser"]["UserId"]}

    provider = "arn:aws:sso::aws:applicationProvider/custom"
    iam = {"AuthenticationMethodType": "IAM"}
    of_instance = {"InstanceArn": instance}
    scope = {"Scope": "redshift:connect"}
    for operation, parameters in (
        ("ListInstances", {}),
        ("DescribeInstance", of_instance),
        ("UpdateInstance", {**of_instance, "Name": "operations"}),
        ("ListApplicationProviders", {}),
        ("DescribeApplicationProvider", {"ApplicationProviderArn": provider}),
        ("CreateApplication", {**of_instance, "ApplicationProviderArn": provider, "Name": "operations", "Description": "d"}),
        ("DescribeApplication", app),
        ("ListApplications", of_instance),
        ("UpdateApplication", lambda a: {**app(a), "Name": "operations2"}),
        ("TagResource", lambda a: {"ResourceArn": app(a)["ApplicationArn"], "Tags": [{"Key": "k", "Value": "v"}]}),
        ("ListTagsForResource", lambda a: {"ResourceArn": app(a)["ApplicationArn"]}),
        ("UntagResource", lambda a: {"ResourceArn": app(a)["ApplicationArn"], "TagKeys": ["k"]}),
        ("CreateApplicationAssignment", assignment),
        ("DescribeApplicationAssignment", assignment),
        ("ListApplicationAssignments", app),
        ("ListApplicationAssignmentsForPrincipal", lambda a: {
            **of_instance, "PrincipalType": "USER", "PrincipalId": a["CreateUser"]["UserId"],
        }),
        ("DeleteApplicationAssignment", assignment),
        ("PutApplicationAssignmentConfiguration", lambda a: {**app(a), "AssignmentRequired": False}),
        ("GetApplicationAssignmentConfiguration", app),
        ("PutApplicationGrant", lambda a: {**app(a), "GrantType": REFRESH, "Grant": {"RefreshToken": {}}}),
        ("GetApplicationGrant", lambda a: {**app(a), "GrantType": REFRESH}),
        ("ListApplicationGrants", app),
        ("DeleteApplicationGrant", lambda a: {**app(a), "GrantType": REFRESH}),
        ("PutApplicationAuthenticationMethod", lambda a: {
            **app(a), **iam, "AuthenticationMethod": {"Iam": {"ActorPolicy": ACTOR_POLICY}},
        }),
        ("GetApplicationAuthenticationMethod", lambda a: {**app(a), **iam}),
        ("ListApplicationAuthenticationMethods", app),
        ("DeleteApplicationAuthenticationMethod", lambda a: {**app(a), **iam}),
        ("PutApplicationAccessScope", lambda a: {**app(a), **scope}),
        ("GetApplicationAccessScope", lambda a: {**app(a), **scope}),
        ("ListApplicationAccessScopes", app),
        ("DeleteApplicationAccessScope", lambda a: {**app(a), **scope}),
    ):
        yield "sso-admin", operation, parameters


def oauth(server):
    """The two operations that a program calls for a person, and the one that an application's server calls."""

    def exchange(flow, **more):
        code = flow.code("ethan")
        return {"grantType": "authorization_code", "code": code, "redirectUri": REDIRECT, "codeVerifier": flow.verifier, **more}

    def by_program(_):
        flow = Flow(server)
        return exchange(flow, clientId=flow.client["clientId"], clientSecret=flow.client["clientSecret"])

    def by_application(answers):
        sso, arn = aws(server, "sso-admin"), answers["CreateApplication"]["ApplicationArn"]
        code = {"AuthorizationCode": {"RedirectUris": [REDIRECT]}}
        sso.put_application_grant(ApplicationArn=arn, GrantType="authorization_code", Grant=code)
        sso.put_application_access_scope(ApplicationArn=arn, Scope="redshift:connect")
        sso.put_application_authentication_method(
            ApplicationArn=arn, AuthenticationMethodType="IAM", AuthenticationMethod={"Iam": {"ActorPolicy": ACTOR_POLICY}}
        )
        flow = Flow(server)
        flow.client = {"clientId": arn}
        return exchange(flow, clientId=arn)

    new = {"clientName": "operations", "clientType": "public", "scopes": ["redshift:connect"], "redirectUris": [REDIRECT]}
    yield "sso-oidc", "RegisterClient", new
    yield "sso-oidc", "CreateToken", by_program
    yield "sso-oidc", "CreateTokenWithIAM", by_application


def leaving(store):
    """What the steps on assignments needed until here."""
    yield "identitystore", "DeleteUser", lambda a: {"IdentityStoreId": store, "UserId": a["CreateUser"]["UserId"]}


def closing_center():
    yield "sso-admin", "DeleteApplication", lambda answers: {"ApplicationArn": answers["CreateApplication"]["ApplicationArn"]}


def serverless(key):
    def resource(answers):
        return {"resourceArn": answers["CreateNamespace"]["namespace"]["namespaceArn"]}

    namespace, workgroup = {"namespaceName": "operations"}, {"workgroupName": "operations"}
    for operation, parameters, *by in (
        ("CreateNamespace", {**namespace, "adminUsername": "master", "adminUserPassword": "Operations-1"}),
        ("GetNamespace", namespace),
        ("ListNamespaces", {}),
        ("UpdateNamespace", {**namespace, "adminUsername": "master", "adminUserPassword": "Operations-2"}),
        ("CreateWorkgroup", {**namespace, **workgroup}),
        ("GetWorkgroup", workgroup),
        ("ListWorkgroups", {}),
        ("GetCredentials", workgroup, key),
        ("UpdateWorkgroup", {**workgroup, "publiclyAccessible": False}),
        ("TagResource", lambda a: {**resource(a), "tags": [{"key": "k", "value": "v"}]}),
        ("ListTagsForResource", resource),
        ("UntagResource", lambda a: {**resource(a), "tagKeys": ["k"]}),
        ("DeleteWorkgroup", workgroup),
        ("DeleteNamespace", namespace),
    ):
        yield "redshift-serverless", operation, parameters, *by


def cloudtrail():
    yield "cloudtrail", "LookupEvents", {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]}
